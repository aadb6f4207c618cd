import type { Topology } from '../topology/topology.ts';
import { type ExecResult, KUBECTL, type NodeStopHow, type PodManifest, type Target } from './access.ts';
import { Background } from './background.ts';
import { TimeoutError, within } from './clock.ts';
import { type Connectivity, connectivity } from './connectivity.ts';
import { judge } from './judge.ts';
import { holds, type Matcher, type Observation } from './match.ts';
import type { Manifests } from './objects.ts';
import { findPods, topologyPods } from './placed-pods.ts';
import { recheck } from './recheck.ts';
import type { StepKind } from './record.ts';
import { asSeen, type Seen } from './seen.ts';
import type { Outcome, Stage } from './stage.ts';
import { typedCommand } from './typed.ts';
import { type BackgroundOptions, startWatched, type Watched } from './watched.ts';

const COMMAND_MS = 30_000;

/** Something whose every line is a reason to look again: a command of its own, or one that runs already. */
export type EventSource = { readonly watch: string; readonly on?: Target } | Watched;

export interface CommandOptions {
  readonly on: Target;
  /** A shell command, as a learner types it. */
  readonly run: string;
  readonly stdin?: string;
  /** 30 s unless told. */
  readonly timeoutMs?: number;
}

export type StepOptions = CommandOptions & { readonly see: Matcher | readonly Matcher[] } & (
    | { readonly within?: never; readonly until?: never }
    /** Looks again after each event until it holds, for at most `within` milliseconds. */
    | { readonly within: number; readonly until: EventSource }
  );

/** What a story is told with. */
export interface Story {
  readonly topology: Topology;
  /** A paragraph between steps. */
  note(text: string): void;
  /** A command and what must be seen. */
  step(sentence: string, options: StepOptions): Promise<Seen>;
  /** A command that prepares something; it must end with code 0. */
  act(sentence: string, options: CommandOptions): Promise<Seen>;
  /** A command that runs beside the story. It is an error never to look at it. */
  background(sentence: string, options: BackgroundOptions): Promise<Watched>;
  /** {@link background} for tcpdump: waits until it listens, and has its lines as soon as a terminal would. */
  capture(sentence: string, options: Omit<BackgroundOptions, 'ready'>): Promise<Watched>;
  /** Expectations of who reaches whom, checked as a set. It is an error never to check them. */
  connectivity(): Connectivity;
  /** Applies a manifest beside the scenario file; the runner deletes its objects at the end of the story. */
  apply(sentence: string, file: string): Promise<void>;
  /** Deletes the objects of a manifest and waits until they are gone. */
  remove(sentence: string, file: string): Promise<void>;
  /** A command that puts right what the story is about to change. The runner runs it at the end, whatever happened. */
  later(sentence: string, options: CommandOptions): void;
  nodeStop(sentence: string, node: string, how?: NodeStopHow): Promise<void>;
  /** The runner does this at the end of the story for nodes that are still stopped. */
  nodeStart(sentence: string, node: string): Promise<void>;
  /** Waits until the pods (`namespace/name`) have their addresses and run. */
  ready(sentence: string, pods: readonly string[], withinMs?: number): Promise<void>;
}

/** What the runner cleans up after the story. */
export interface Leftovers {
  readonly backgrounds: { readonly background: Background; readonly name: string }[];
  readonly stopped: Set<string>;
  readonly later: { readonly sentence: string; readonly work: () => Promise<void> }[];
}

/** @param pods the scenario's own pods */
export function createStory(
  stage: Stage,
  left: Leftovers,
  pods: readonly PodManifest[],
  manifests: Manifests,
): Story {
  const started = (background: Background, name: string): void => {
    left.backgrounds.push({ background, name });
  };

  const command = async (
    sentence: string,
    options: CommandOptions,
    work: () => Promise<Outcome>,
  ): Promise<Seen> => {
    const { on, run } = options;
    const start = { kind: 'command', sentence, on, run, typed: typedCommand(on, run) } as const;
    return asSeen(await stage.perform(start, work));
  };

  const once = async (options: CommandOptions, see: readonly Matcher[]): Promise<Outcome> => {
    const seen = await exec(stage, options);
    return { seen, judgement: judge(seen, see) };
  };

  const untilSeen = async (
    options: CommandOptions,
    see: readonly Matcher[],
    withinMs: number,
    until: EventSource,
  ): Promise<Outcome> => {
    const { changed, stop } = await eventSource(stage, until, options.on, started);
    try {
      const { result, late } = await recheck({
        clock: stage.clock,
        withinMs,
        attempt: () => exec(stage, options),
        done: (seen) => judge(seen, see).held,
        changed,
      });
      const condition = see.map((matcher) => matcher.expected).join(', ');
      const timeout = late ? new TimeoutError(condition, withinMs) : undefined;
      return { seen: result, judgement: judge(result, see), late: timeout };
    } finally {
      await stop();
    }
  };

  const deed = async (
    sentence: string,
    run: string,
    work: () => Promise<void>,
    kind: StepKind = 'node',
  ): Promise<void> => {
    await stage.perform({ kind, sentence, run, typed: run }, async () => {
      await work();
      const seen = { stdout: '', stderr: '' };
      return { seen, judgement: judge(seen, [], false) };
    });
  };

  return {
    topology: stage.access.topology,
    note: (text) => stage.note(text),
    step(sentence, options) {
      const see = matchersOf(sentence, options.see);
      const { within: withinMs, until } = options;
      return command(sentence, options, () =>
        withinMs === undefined ? once(options, see) : untilSeen(options, see, withinMs, until),
      );
    },
    act: (sentence, options) => command(sentence, options, () => once(options, [])),
    background: (sentence, options) => startWatched(stage, sentence, options, started),
    capture: (sentence, options) =>
      startWatched(stage, sentence, { ...options, ready: /listening on / }, started),
    connectivity: () => connectivity(stage),
    apply: (sentence, file) =>
      deed(
        sentence,
        `hoplab kubectl apply -f ${manifests.typed(file)}`,
        () => manifests.apply(file),
        'command',
      ),
    remove: (sentence, file) =>
      deed(
        sentence,
        `hoplab kubectl delete -f ${manifests.typed(file)}`,
        () => manifests.remove(file),
        'command',
      ),
    later(sentence, options) {
      const work = async (): Promise<void> => {
        const { code, stdout, stderr } = await exec(stage, options);
        if (code !== 0) throw new Error(`${sentence}: exit code ${code}: ${(stderr || stdout).trim()}`);
      };
      left.later.push({ sentence, work });
    },
    nodeStop: (sentence, node, how = 'shutdown') =>
      deed(sentence, `hoplab node stop ${node}${how === 'power-cut' ? ' --power-cut' : ''}`, async () => {
        left.stopped.add(node);
        await stage.access.nodeStop(node, how);
      }),
    nodeStart: (sentence, node) =>
      deed(sentence, `hoplab node start ${node}`, async () => {
        await stage.access.nodeStart(node);
        left.stopped.delete(node);
      }),
    ready: (sentence, names, withinMs = 60_000) =>
      deed(sentence, 'hoplab status', async () => {
        const wanted = findPods(names, [...pods, ...(await topologyPods(stage.access))]);
        await stage.access.waitReady(wanted, withinMs);
      }),
  };
}

async function exec(stage: Stage, options: CommandOptions): Promise<Observation> {
  const timeoutMs = options.timeoutMs ?? COMMAND_MS;
  const condition = `${typedCommand(options.on, options.run)} ended`;
  const asked = { timeoutMs, ...(options.stdin === undefined ? {} : { stdin: options.stdin }) };
  // The engine kills it at the time-out; the 5 s more are for an engine that does not answer.
  const work: Promise<ExecResult> = stage.access.exec(options.on, options.run, asked);
  const { timedOut, ...seen } = await within(stage.clock, timeoutMs + 5_000, condition, work);
  if (timedOut) throw new TimeoutError(condition, timeoutMs);
  return seen;
}

async function eventSource(
  stage: Stage,
  until: EventSource,
  on: Target,
  started: (background: Background, name: string) => void,
): Promise<{ changed: () => Promise<void>; stop: () => Promise<void> }> {
  if ('changed' in until) return { changed: () => until.changed(), stop: async () => {} };
  const target = until.on ?? on;
  const background = new Background(await stage.access.stream(target, asWatch(target, until.watch)));
  started(background, `${target}: ${until.watch}`);
  return { changed: () => background.changed(), stop: () => background.stop() };
}

/** The marker makes the first look come after the shell has started, when the watch is about to listen. */
function asWatch(target: Target, run: string): string {
  // kubectl's own first line is there at once: it lists before it watches.
  return target === KUBECTL ? run : `echo watching; ${run}`;
}

function matchersOf(sentence: string, see: Matcher | readonly Matcher[]): readonly Matcher[] {
  const all = Array.isArray(see) ? (see as readonly Matcher[]) : [see as Matcher];
  if (all.length > 0 && all.every((matcher) => matcher !== undefined)) return all;
  return [holds('something', () => `the step "${sentence}" names nothing that must be seen`)];
}
