import type { CommandStream } from './access.ts';

/** Lines of a command that goes on running, kept, with a promise for the next change. */
export class Background {
  readonly #stream: CommandStream;
  readonly #lines: string[] = [];
  readonly #pump: Promise<void>;
  #wake: () => void = () => {};
  #next: Promise<void>;
  #ended = false;
  #error: unknown;

  constructor(stream: CommandStream) {
    this.#stream = stream;
    this.#next = this.#arm();
    this.#pump = this.#read();
  }

  /** All output so far. */
  get text(): string {
    return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
  }

  /** True when the command ended by itself or was stopped. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Why reading it failed, if it did. */
  get error(): unknown {
    return this.#error;
  }

  /** Resolves at the next line or at the end; ask for it before looking, or a line may be missed. */
  changed(): Promise<void> {
    return this.#next;
  }

  /** Ctrl-C; resolves when the command is gone and its last line was read. */
  async stop(): Promise<void> {
    await this.#stream.stop();
    await this.#pump;
  }

  #arm(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #tell(): void {
    const wake = this.#wake;
    this.#next = this.#arm();
    wake();
  }

  async #read(): Promise<void> {
    try {
      for await (const line of this.#stream.lines) {
        this.#lines.push(line.replace(/[\r\n]+$/, ''));
        this.#tell();
      }
    } catch (error) {
      this.#error = error;
    }
    this.#ended = true;
    this.#wake();
    // Nothing comes after the end: from here on `changed` never resolves, so that no caller spins on it.
    this.#next = new Promise(() => {});
  }
}
