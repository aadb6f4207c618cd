import type { Target } from './access.ts';
import { Background } from './background.ts';
import { TimeoutError, within } from './clock.ts';
import { judge } from './judge.ts';
import type { Matcher, Observation } from './match.ts';
import { recheck } from './recheck.ts';
import { asSeen, type Seen } from './seen.ts';
import type { Stage } from './stage.ts';
import { asOnTerminal, typedCommand } from './typed.ts';

const START_MS = 15_000;
const SEES_MS = 10_000;

export interface BackgroundOptions {
  readonly on: Target;
  readonly run: string;
  /** The command works when this line came. Without it: as soon as it was started. */
  readonly ready?: RegExp;
}

/** A command that runs beside the story: a capture, a monitor, a server. */
export interface Watched {
  /**
   * A step: the output so far shows it, or will before the deadline (10 s unless told).
   * `not(...)` alone proves nothing while the command runs: join it with what comes last, as in
   * `[contains('echo reply'), not(contains('tunl0'))]`.
   */
  sees(sentence: string, see: Matcher | readonly Matcher[], options?: { within?: number }): Promise<Seen>;
  /** Ctrl-C. The output stays. The runner does this at the end of the story for those that still run. */
  stop(): Promise<void>;
  /** All output so far. */
  readonly text: string;
  /** Resolves at the next line. */
  changed(): Promise<void>;
}

/** Starts the command as a step and gives the handle to look at it. */
export async function startWatched(
  stage: Stage,
  sentence: string,
  options: BackgroundOptions,
  started: (background: Background, name: string) => void,
): Promise<Watched> {
  const { on, run } = options;
  const typed = typedCommand(on, run);
  let background: Background | undefined;
  await stage.perform({ kind: 'background', sentence, on, run, typed }, async () => {
    const stream = await within(
      stage.clock,
      START_MS,
      `${typed} was started`,
      stage.access.stream(on, asOnTerminal(run)),
    );
    background = new Background(stream);
    started(background, `${on}: ${run}`);
    return untilReady(stage, background, options.ready);
  });
  if (!background) throw new Error('a background step held without being started');
  return watched(stage, background, { sentence, on, run, typed });
}

async function untilReady(stage: Stage, background: Background, ready: RegExp | undefined) {
  const isReady: Matcher = {
    expected: ready ? `/${ready.source}/` : 'started',
    match: ({ stdout }) =>
      !ready || ready.test(stdout) ? { held: true, lines: [] } : { held: false, why: 'not ready' },
  };
  return wait(stage, background, [isReady], START_MS);
}

async function wait(stage: Stage, background: Background, matchers: readonly Matcher[], withinMs: number) {
  const look = (): { seen: Observation; held: boolean; ended: boolean } => {
    const ended = background.ended;
    const seen = { stdout: background.text, stderr: '' };
    return { seen, held: judge(seen, matchers, false).held, ended };
  };
  const { result, late } = await recheck({
    clock: stage.clock,
    withinMs,
    attempt: async () => look(),
    done: ({ held, ended }) => held || ended,
    changed: () => background.changed(),
  });
  const judgement = judge(result.seen, matchers, false);
  if (judgement.held) return { seen: result.seen, judgement };
  const condition = matchers.map((matcher) => matcher.expected).join(', ');
  if (late) return { seen: result.seen, judgement, late: new TimeoutError(condition, withinMs) };
  const reason = background.error instanceof Error ? background.error.message : 'the command has ended';
  return { seen: result.seen, judgement: { ...judgement, why: `${judgement.why ?? ''}\n${reason}` } };
}

function watched(
  stage: Stage,
  background: Background,
  step: { sentence: string; on: Target; run: string; typed: string },
): Watched {
  const handle: Watched = {
    get text() {
      return background.text;
    },
    changed: () => background.changed(),
    stop: () => within(stage.clock, START_MS, `${step.typed} ended after Ctrl-C`, background.stop()),
    async sees(sentence, see, options = {}) {
      stage.settle(handle);
      const matchers = Array.isArray(see) ? [...(see as readonly Matcher[])] : [see as Matcher];
      const withinMs = options.within ?? SEES_MS;
      const seen = await stage.perform({ ...step, kind: 'watch', sentence }, () =>
        wait(stage, background, matchers, withinMs),
      );
      return asSeen(seen);
    },
  };
  stage.owe(handle, `${step.sentence} (${step.typed}) was started and never looked at`);
  return handle;
}
