import type { Draft } from '../draft.ts';
import type { Finding } from '../fault.ts';
import { attachmentRule } from './attachment.ts';
import { blockRule, reservedRule } from './block.ts';
import { clusterRule } from './cluster.ts';
import { duplicateRule } from './duplicate.ts';
import { ingressRule } from './ingress.ts';
import { loadBalancerRule } from './load-balancer.ts';
import { mtuRule } from './mtu.ts';
import { nameRule } from './name.ts';
import { overlapRule } from './overlap.ts';
import { roleRule } from './role.ts';

/** A rule over more than one value. */
export type Rule = (draft: Draft) => Finding[];

const RULES: readonly Rule[] = [
  nameRule,
  duplicateRule,
  attachmentRule,
  roleRule,
  overlapRule,
  clusterRule,
  blockRule,
  reservedRule,
  mtuRule,
  loadBalancerRule,
  ingressRule,
];

/** Everything the rules find. */
export function ruleFindings(draft: Draft): Finding[] {
  return RULES.flatMap((rule) => rule(draft));
}
