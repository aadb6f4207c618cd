/**
 * Error codes of the CNI specification 1.0.0 (section 5, "Error"); 100 and above are the plugin's own.
 */
export const CNI_ERROR = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  /** Nothing was made, so the runtime need not call DEL. */
  unknownContainer: 3,
  invalidEnvironment: 4,
  io: 5,
  decoding: 6,
  invalidConfig: 7,
  tryAgainLater: 11,
  addressesExhausted: 100,
  addressTaken: 101,
  addressOutsidePool: 102,
  wiring: 103,
  datastore: 104,
  checkFailed: 105,
  alreadyAttached: 106,
  internal: 999,
} as const;

/** An error that the runtime gets as the specification's JSON. */
export class CniError extends Error {
  readonly code: number;
  readonly details: string;

  /**
   * @param code one of {@link CNI_ERROR}
   * @param message one line: what is wrong
   * @param details how it came, e.g. the failed command and its output
   */
  constructor(code: number, message: string, details = '') {
    super(message);
    this.name = 'CniError';
    this.code = code;
    this.details = details;
  }
}
