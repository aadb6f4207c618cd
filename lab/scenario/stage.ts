import type { LabAccess } from './access.ts';
import { type Clock, TimeoutError } from './clock.ts';
import { explain, type Judgement } from './judge.ts';
import type { Observation } from './match.ts';
import { type NoteRecord, StepFailure, type StepRecord, type StepStart } from './record.ts';

/** What reporters hear while a scenario runs. */
export interface StageEvents {
  stepStart?(step: StepStart): void;
  stepEnd?(step: StepRecord): void;
  note?(text: string): void;
}

export interface StageOptions {
  readonly access: LabAccess;
  readonly clock: Clock;
  readonly events: StageEvents;
  /** Called before each step's command; `--step` waits for Enter here. */
  readonly pause?: ((step: StepStart) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Outcome {
  readonly seen: Observation;
  readonly judgement: Judgement;
  /** Set when it did not hold before the deadline. */
  readonly late?: TimeoutError | undefined;
}

/** Keeps the story so far; every kind of step is performed here, so that none escapes the record. */
export class Stage {
  readonly access: LabAccess;
  readonly clock: Clock;
  readonly story: (StepRecord | NoteRecord)[] = [];
  readonly #options: StageOptions;
  readonly #open = new Map<Promise<unknown>, string>();
  readonly #debts = new Map<object, string>();
  #count = 0;
  #failure: unknown;

  constructor(options: StageOptions) {
    this.access = options.access;
    this.clock = options.clock;
    this.#options = options;
  }

  /** The first failure, also when the story swallowed it. */
  get failure(): unknown {
    return this.#failure;
  }

  note(text: string): void {
    this.story.push({ kind: 'note', text });
    this.#options.events.note?.(text);
  }

  /** Something was begun that must be checked before the story ends. */
  owe(what: object, sentence: string): void {
    this.#debts.set(what, sentence);
  }

  settle(what: object): void {
    this.#debts.delete(what);
  }

  /** Throws when the story ended with steps not awaited or expectations not checked. */
  async close(): Promise<void> {
    const open = [...this.#open.values()];
    if (open.length > 0) {
      await Promise.allSettled(this.#open.keys());
      throw new StepFailure(
        'E_NOT_AWAITED',
        'the story ended while steps were still running',
        open.map((sentence) => `missing await: ${sentence}`).join('\n'),
      );
    }
    if (this.story.length === this.story.filter((entry) => entry.kind === 'note').length) {
      throw new StepFailure(
        'E_UNCHECKED',
        'the story has no step',
        'a scenario without a step proves nothing',
      );
    }
    const debts = [...this.#debts.values()];
    if (debts.length > 0) {
      throw new StepFailure(
        'E_UNCHECKED',
        'expectations were recorded and never checked',
        debts.map((sentence) => `never checked: ${sentence}`).join('\n'),
      );
    }
  }

  /** Performs one step; throws a {@link StepFailure} unless it held. */
  perform(start: Omit<StepStart, 'number'>, work: () => Promise<Outcome>): Promise<Observation> {
    this.#count += 1;
    const running = this.#perform({ number: this.#count, ...start }, work);
    this.#open.set(running, start.sentence);
    const forget = (): void => {
      this.#open.delete(running);
    };
    running.then(forget, forget);
    return running;
  }

  async #perform(step: StepStart, work: () => Promise<Outcome>): Promise<Observation> {
    const { events, pause, signal } = this.#options;
    signal?.throwIfAborted();
    events.stepStart?.(step);
    await pause?.(step);
    const began = this.clock.now();
    try {
      const { seen, judgement, late } = await abortable(work(), signal);
      this.#record(step, began, seen, judgement);
      if (judgement.held) return seen;
      const what = late ? `${late.message}` : 'what was seen is not what was expected';
      throw new StepFailure(
        late ? 'E_STEP_TIMEOUT' : 'E_STEP',
        `step ${step.number}, ${step.sentence}: ${what}`,
        explain(step.typed, seen, judgement),
      );
    } catch (error) {
      const failure = signal?.aborted ? signal.reason : this.#asFailure(step, began, error);
      this.#failure ??= failure;
      throw failure;
    }
  }

  #asFailure(step: StepStart, began: number, error: unknown): unknown {
    if (error instanceof StepFailure) return error;
    const why = error instanceof Error ? error.message : String(error);
    this.#record(step, began, { stdout: '', stderr: '' }, { held: false, expected: [], marked: [], why });
    const code = error instanceof TimeoutError ? 'E_STEP_TIMEOUT' : 'E_STEP_ERROR';
    return new StepFailure(code, `step ${step.number}, ${step.sentence}: ${why}`, `$ ${step.typed}`);
  }

  #record(step: StepStart, began: number, seen: Observation, judgement: Judgement): void {
    const record: StepRecord = {
      ...step,
      expected: judgement.expected,
      stdout: seen.stdout,
      stderr: seen.stderr,
      code: seen.code,
      marked: judgement.marked,
      held: judgement.held,
      why: judgement.why,
      durationMs: Math.round(this.clock.now() - began),
    };
    this.story.push(record);
    this.#options.events.stepEnd?.(record);
  }
}

/** Gives up waiting when the user presses Ctrl-C; the runner then cleans up. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let giveUp = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
