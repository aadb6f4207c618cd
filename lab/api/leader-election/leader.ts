import { microTime } from '../client/index.ts';
import type { Lease } from '../objects/index.ts';

export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string | null;
  leaseTransitions?: number;
}

export type LeaderLease = Lease & { spec?: LeaseSpec };

/** What was last seen of the lease, and when, by the own clock: that of another machine is not to be trusted. */
export interface Observation {
  readonly record: string;
  readonly at: number;
}

export interface LeaderOptions {
  readonly identity: string;
  readonly leaseSeconds: number;
}

/** The text by which a change of the lease is known. */
export const recordOf = ({ spec }: LeaderLease): string =>
  `${spec?.holderIdentity ?? ''} ${spec?.renewTime ?? ''} ${spec?.leaseTransitions ?? 0}`;

/**
 * The lease that this candidate should write now; undefined when another one holds it. client-go tools/leaderelection: a lease is free
 * when nobody holds it, or when it has not been renewed for its duration, counted from when the renewal was seen.
 */
export function nextLease(
  lease: LeaderLease | undefined,
  observed: Observation,
  now: number,
  { identity, leaseSeconds }: LeaderOptions,
): LeaseSpec | undefined {
  const spec = lease?.spec;
  const holder = spec?.holderIdentity ?? '';
  const isMine = holder === identity;
  const validFor = (spec?.leaseDurationSeconds ?? leaseSeconds) * 1000;
  if (holder !== '' && !isMine && now < observed.at + validFor) return undefined;
  const transitions = spec?.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: leaseSeconds,
    acquireTime: isMine && spec?.acquireTime ? spec.acquireTime : microTime(now),
    renewTime: microTime(now),
    leaseTransitions: holder === '' || isMine ? transitions : transitions + 1,
  };
}

/** What a leader writes when it stops: free at once. client-go's ReleaseOnCancel. */
export const releasedLease = (lease: LeaderLease, now: number): LeaseSpec => ({
  ...lease.spec,
  holderIdentity: '',
  leaseDurationSeconds: 1,
  renewTime: microTime(now),
});
