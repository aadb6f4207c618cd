import type { BgpSession, CalicoStatus, TunnelStatus } from '../../../api/calico-status.ts';

export interface StatusInput {
  readonly node: string;
  readonly felixDone: boolean;
  readonly cniInstalled: boolean;
  readonly birdRunning: boolean;
  /** Addresses of all other nodes. */
  readonly peers: readonly string[];
  readonly blocks: readonly string[];
  readonly tunnel?: TunnelStatus | undefined;
  /** tunl0 is wanted and not there. */
  readonly tunnelGone?: boolean;
  /** What the API said, or did not, when something was needed of it. */
  readonly apiProblem?: string | undefined;
  /** Why the node has no block. */
  readonly blockProblem?: string | undefined;
  /** `birdc` has failed several times in a row; the sessions are those of before. */
  readonly birdSilent?: boolean;
  readonly sessions: readonly BgpSession[];
}

/** The state as it is written; what is missing is named in the words of calico-node's own readiness probe. */
export function calicoStatus(input: StatusInput): CalicoStatus {
  const waitingFor: string[] = [];
  if (input.apiProblem) waitingFor.push(input.apiProblem);
  if (input.blockProblem) waitingFor.push(input.blockProblem);
  if (!input.felixDone) waitingFor.push('felix is not ready');
  if (!input.cniInstalled) waitingFor.push('CNI plugin is not installed');
  if (input.tunnelGone) waitingFor.push('tunl0 is gone');
  if (!input.birdRunning) waitingFor.push('BIRD is not live');
  else if (input.birdSilent) waitingFor.push('BIRD is not live: birdc gets no answer');
  const established = new Set(
    input.sessions.filter((session) => session.info.startsWith('Established')).map((session) => session.peer),
  );
  const missing = input.peers.filter((peer) => !established.has(peer));
  if (missing.length > 0) waitingFor.push(`BIRD is not ready: BGP not established with ${missing.join(',')}`);
  return {
    node: input.node,
    ready: waitingFor.length === 0,
    waitingFor,
    ...(input.tunnel ? { tunnel: input.tunnel } : {}),
    blocks: input.blocks,
    sessions: input.sessions,
  };
}
