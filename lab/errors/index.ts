/**
 * The lab's exit codes, as the README lists them. `lab exec` and `lab kubectl` pass the command's own code through.
 */
export const EXIT = {
  ok: 0,
  /** A check, scenario or step did not hold. */
  failed: 1,
  /** The command line or a file given by the user is wrong. */
  usage: 2,
  /** The environment lacks something: no engine, no permission, no free address. */
  environment: 3,
  /** A deadline passed. */
  timeout: 4,
  /** Interrupted (128 + SIGINT). */
  interrupted: 130,
} as const;

export interface HoplabErrorFields {
  /** Stable, greppable identifier, e.g. `E_NO_ENGINE`. */
  readonly code: string;
  /** One sentence: what went wrong. */
  readonly message: string;
  readonly exitCode?: number;
  /** Further lines: positions, the failed command in a form that can be pasted, its output. */
  readonly detail?: string;
  /** What to do next. */
  readonly next?: string;
  readonly cause?: unknown;
}

/** An error meant for people: it says what, where, and the next step. Anything else that is thrown is a bug. */
export class HoplabError extends Error {
  readonly code: string;
  readonly exitCode: number;
  readonly detail: string | undefined;
  readonly next: string | undefined;

  constructor(fields: HoplabErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'HoplabError';
    this.code = fields.code;
    this.exitCode = fields.exitCode ?? EXIT.failed;
    this.detail = fields.detail;
    this.next = fields.next;
  }

  /** The same error with more lines of detail; empty ones are left out. */
  withDetail(...more: readonly (string | undefined)[]): HoplabError {
    const { code, message, exitCode, next, cause } = this;
    const detail = [this.detail, ...more].filter(Boolean).join('\n');
    return new HoplabError({ code, message, exitCode, detail, ...(next ? { next } : {}), cause });
  }

  /** The error as printed on stderr. */
  render(): string {
    const lines = [`error: ${this.message} [${this.code}]`];
    if (this.detail) lines.push(...this.detail.split('\n').map((line) => `  ${line}`));
    if (this.next) lines.push(`next: ${this.next}`);
    return lines.join('\n');
  }
}
