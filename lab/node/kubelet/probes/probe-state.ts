import type { Probe } from '../../runtime/index.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** Where a probe stands: its result, and how often the last outcome has come in a row. */
export interface ProbeState {
  /** What counts, after thresholds. `unknown`: a startup probe that has neither succeeded nor given up. */
  readonly result: 'success' | 'failure' | 'unknown';
  readonly last: boolean | undefined;
  readonly run: number;
}

/** A container is taken for alive, and for not ready, until its probes say otherwise. */
const INITIAL = { startup: 'unknown', liveness: 'success', readiness: 'failure' } as const;

export function initialProbeState(kind: ProbeKind): ProbeState {
  return { result: INITIAL[kind], last: undefined, run: 0 };
}

/** The state after one more outcome. pkg/kubelet/prober/worker.go doProbe. */
export function nextProbeState(state: ProbeState, ok: boolean, probe: Probe): ProbeState {
  const run = state.last === ok ? state.run + 1 : 1;
  const threshold = ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  const result = run < threshold ? state.result : ok ? 'success' : 'failure';
  return { result, last: ok, run };
}
