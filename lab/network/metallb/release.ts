import type { RuleLayout } from '../../api/cluster.ts';

/** The two generations of MetalLB that differ in election, texts and logs: the white paper's and today's. */
export type Release = '0.10' | '0.13';

export const RELEASES: readonly Release[] = ['0.10', '0.13'];

/** The MetalLB of the time of a layout of kube-proxy's rules. */
export const releaseFor = (rules: RuleLayout): Release => (rules === '1.20' ? '0.10' : '0.13');
