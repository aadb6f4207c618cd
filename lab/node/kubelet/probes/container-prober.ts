import type { Container, Probe } from '../../runtime/index.ts';
import type { Outcome } from './outcome.ts';
import { initialProbeState, nextProbeState, type ProbeKind, type ProbeState } from './probe-state.ts';

const SECOND = 1000;
/** The first tries of a probe that has not succeeded yet, before its outcome counts; milliseconds. */
const EAGER = [20, 40, 80, 160, 320, 640, 1280] as const;

export interface ProberHooks {
  /** Runs a handler once; never throws. */
  run(probe: Probe, timeout: number): Promise<Outcome>;
  /** `ready` or `started` may have changed. */
  changed(): void;
  unhealthy(kind: ProbeKind, message: string): void;
  /** Liveness, or startup for good, has failed: the container is to be restarted. */
  failed(kind: 'liveness' | 'startup'): void;
  now(): number;
}

/**
 * Probes one run of a container. Liveness and readiness begin when startup has succeeded. pkg/kubelet/prober.
 *
 * Unlike the real one, a probe whose first try fails is repeated at growing distances, of half its period at most, and
 * these failures do not count: a program that listens after 50 ms is ready after 60 ms, not after the next period, and
 * is not killed for what the real one's random delay at the start would have hidden.
 */
export class ContainerProber {
  readonly #container: Container;
  readonly #startedAt: number;
  readonly #hooks: ProberHooks;
  readonly #states = new Map<ProbeKind, ProbeState>();
  readonly #timers = new Map<ProbeKind, NodeJS.Timeout>();
  #stopped = false;

  /** @param startedAt when the container's process started, milliseconds */
  constructor(container: Container, startedAt: number, hooks: ProberHooks) {
    this.#container = container;
    this.#startedAt = startedAt;
    this.#hooks = hooks;
    for (const kind of ['startup', 'liveness', 'readiness'] as const) {
      if (this.#probe(kind)) this.#states.set(kind, initialProbeState(kind));
    }
    if (this.#probe('startup')) this.#begin('startup');
    else this.#beginMain();
  }

  get started(): boolean {
    return (this.#states.get('startup')?.result ?? 'success') === 'success';
  }

  get ready(): boolean {
    return this.started && (this.#states.get('readiness')?.result ?? 'success') === 'success';
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #probe(kind: ProbeKind): Probe | undefined {
    return this.#container[`${kind}Probe`];
  }

  #beginMain(): void {
    this.#begin('liveness');
    this.#begin('readiness');
  }

  #begin(kind: ProbeKind): void {
    const probe = this.#probe(kind);
    if (probe === undefined) return;
    const due = this.#startedAt + (probe.initialDelaySeconds ?? 0) * SECOND;
    this.#in(kind, Math.max(0, due - this.#hooks.now()), 0);
  }

  #in(kind: ProbeKind, milliseconds: number, tries: number): void {
    if (this.#stopped) return;
    this.#timers.set(
      kind,
      setTimeout(() => void this.#once(kind, tries), milliseconds),
    );
  }

  async #once(kind: ProbeKind, tries: number): Promise<void> {
    const probe = this.#probe(kind) as Probe;
    const began = this.#hooks.now();
    const outcome = await this.#hooks.run(probe, (probe.timeoutSeconds ?? 1) * SECOND);
    if (this.#stopped) return;
    const period = (probe.periodSeconds ?? 10) * SECOND;
    const eager = EAGER[tries];
    if (!outcome.ok && eager !== undefined) {
      this.#in(kind, Math.min(eager, period / 2), tries + 1);
      return;
    }
    if (this.#take(kind, probe, outcome)) {
      this.#in(kind, Math.max(0, period - (this.#hooks.now() - began)), EAGER.length);
    }
  }

  /** @returns whether this probe goes on */
  #take(kind: ProbeKind, probe: Probe, outcome: Outcome): boolean {
    const before = this.#states.get(kind) as ProbeState;
    const after = nextProbeState(before, outcome.ok, probe);
    this.#states.set(kind, after);
    if (!outcome.ok) this.#hooks.unhealthy(kind, outcome.message);
    if (after.result !== before.result) this.#hooks.changed();
    if (after.result === 'failure' && kind !== 'readiness') {
      this.#hooks.failed(kind);
      return false;
    }
    if (kind === 'startup' && after.result === 'success') {
      this.#beginMain();
      return false;
    }
    return true;
  }
}
