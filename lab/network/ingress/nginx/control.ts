/** What nginx.conf refers to: texts by file name. */
export interface Files {
  readonly certificates: ReadonlyMap<string, string>;
  readonly passwords: ReadonlyMap<string, string>;
}

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
  /** Puts files in place. One that is there has the content that its name says. */
  writeFiles(files: Files): Promise<void>;
  /** Removes all others. */
  keepFiles(files: Files): Promise<void>;
}
