/** An error for people, with nodectl's exit code. */
export class CtlError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.name = 'CtlError';
    this.exitCode = exitCode;
  }
}
