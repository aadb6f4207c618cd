export { ContainerProber, type ProberHooks } from './container-prober.ts';
export { dialError } from './dial-error.ts';
export { type HandlerTarget, portNumber, runHandler } from './handler.ts';
export type { Outcome } from './outcome.ts';
export { initialProbeState, nextProbeState, type ProbeKind, type ProbeState } from './probe-state.ts';
