/** The running nginx, as the syncer needs it; tests bring one of their own. */
export interface NginxControl {
  /** Asks nginx whether it would take a configuration. @returns what is wrong with it */
  check(text: string): Promise<string | undefined>;
  /**
   * Makes a checked configuration the live one: swaps the file in, then starts nginx or has it reload.
   * Resolves when workers with this checksum serve and those before take no more connections.
   *
   * @throws Error when that does not happen
   */
  apply(text: string, checksum: string): Promise<void>;
  /** Hands over what changes without a reload (render/dynamic.ts). @throws Error */
  post(dynamic: string): Promise<void>;
  /** Puts certificates in place, by file name. */
  writeCertificates(files: ReadonlyMap<string, string>): Promise<void>;
  /** Removes all certificates but these. */
  keepCertificates(names: ReadonlySet<string>): Promise<void>;
}
