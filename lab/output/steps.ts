import { performance } from 'node:perf_hooks';

/** Where progress goes: stderr, a spinner on a terminal and one plain line per step otherwise. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface StepsOptions {
  readonly stream: ProgressStream;
  /** Print nothing. */
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** A step's handle on its own line. */
export interface Step {
  /** Says what the step is doing now. */
  note(text: string): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * Shows what is being done. Several steps may run at once; each gets one final line with its result and time.
 */
export class Steps {
  readonly #stream: ProgressStream;
  readonly #quiet: boolean;
  readonly #live: boolean;
  readonly #color: boolean;
  readonly #running = new Map<number, { title: string; note: string }>();
  #nextId = 0;
  #frame = 0;
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StepsOptions) {
    this.#stream = options.stream;
    this.#quiet = options.quiet ?? false;
    this.#live = !this.#quiet && options.stream.isTTY === true;
    this.#color = options.color ?? (options.stream.isTTY === true && !process.env.NO_COLOR);
  }

  /** Runs one step and shows it; what it throws is shown as failed and thrown on. */
  async run<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const id = this.#nextId++;
    const entry = { title, note: '' };
    this.#running.set(id, entry);
    this.#startTimer();
    const started = performance.now();
    const step: Step = {
      note: (text) => {
        entry.note = text;
        if (!this.#live && !this.#quiet) this.#stream.write(`   ${title}: ${text}\n`);
      },
    };
    try {
      const result = await work(step);
      this.#finish(id, `${this.#paint('32', '✓')} ${title}`, performance.now() - started);
      return result;
    } catch (error) {
      this.#finish(id, `${this.#paint('31', '✗')} ${title}`, performance.now() - started);
      throw error;
    }
  }

  /** A line that is not a step. */
  say(text: string): void {
    if (this.#quiet) return;
    this.#erase();
    this.#stream.write(`${text}\n`);
    this.#draw();
  }

  #finish(id: number, line: string, ms: number): void {
    this.#running.delete(id);
    const time = ms >= 100 ? this.#paint('2', `  ${(ms / 1000).toFixed(1)} s`) : '';
    this.say(` ${line}${time}`);
    if (this.#running.size === 0 && this.#timer) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #paint(code: string, text: string): string {
    return this.#color ? `\x1b[${code}m${text}\x1b[0m` : text;
  }

  #startTimer(): void {
    if (!this.#live || this.#timer) return;
    this.#timer = setInterval(() => {
      this.#frame++;
      this.#erase();
      this.#draw();
    }, 80);
    this.#timer.unref();
  }

  #erase(): void {
    if (this.#drawn > 0) this.#stream.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.#live) return;
    const frame = FRAMES[this.#frame % FRAMES.length];
    for (const { title, note } of this.#running.values()) {
      this.#stream.write(` ${frame} ${title}${note ? this.#paint('2', `  ${note.slice(0, 80)}`) : ''}\n`);
      this.#drawn++;
    }
  }
}
