/** A Corefile cannot be used; the message names its line as CoreDNS's do. */
export class CorefileError extends Error {
  readonly line: number;

  constructor(file: string, line: number, problem: string, plugin?: string) {
    const prefix = plugin === undefined ? '' : `plugin/${plugin}: `;
    super(`${prefix}${file}:${line} - Error during parsing: ${problem}`);
    this.name = 'CorefileError';
    this.line = line;
  }
}
