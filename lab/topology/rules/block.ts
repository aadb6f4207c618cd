import { cidrOf, cidrRange, formatCidr, rangeContains, rangesOverlap } from '../address.ts';
import type { Draft, DraftNode } from '../draft.ts';
import type { Fault, Finding } from '../fault.ts';

/** Pinned blocks are blocks of the pool, each for one node. */
export function blockRule(draft: Draft): Finding[] {
  const nodes = (draft.nodes ?? []).filter((node) => node.podBlock !== undefined);
  return nodes.flatMap((node, i) => {
    const fault = blockFault(node, nodes.slice(0, i), draft);
    return fault ? [{ path: [...node.path, 'podBlock'], ...fault }] : [];
  });
}

/** Reserved addresses are addresses that pods could have. */
export function reservedRule({ cluster: { podCIDR, reserved } }: Draft): Finding[] {
  if (!podCIDR) return [];
  const pods = cidrRange(podCIDR);
  return reserved.flatMap(({ path, cidr }) =>
    !cidr || rangeContains(pods, cidrRange(cidr))
      ? []
      : [
          {
            path,
            message: `${formatCidr(cidr)} is not in the pod CIDR ${formatCidr(podCIDR)}`,
            rule: 'what is reserved are addresses of pods',
            right: `a part of ${formatCidr(podCIDR)}, such as ${formatCidr(cidrOf(podCIDR.base + 10, 32))}`,
          },
        ],
  );
}

function blockFault(node: DraftNode, before: readonly DraftNode[], draft: Draft): Fault | undefined {
  const { podBlock: block } = node;
  const { podCIDR, blockSize } = draft.cluster;
  if (!block) return undefined;
  const none = 'or no podBlock: Calico chooses one then';
  const range = cidrRange(block);
  if (podCIDR && !rangeContains(cidrRange(podCIDR), range)) {
    const sample =
      blockSize !== undefined && blockSize >= podCIDR.prefix
        ? `a block such as ${formatCidr(cidrOf(podCIDR.base, blockSize))}`
        : 'another block';
    return {
      message: `${formatCidr(block)} is not in the pod CIDR ${formatCidr(podCIDR)}`,
      rule: "a node's block is a part of the pod CIDR",
      right: `${sample}, ${none}`,
    };
  }
  if (blockSize !== undefined && block.prefix !== blockSize) {
    return {
      message: `${formatCidr(block)} is a /${block.prefix}`,
      rule: `blocks of this cluster are /${blockSize} (cluster.blockSize)`,
      right: `did you mean ${formatCidr(cidrOf(block.base, blockSize))}?`,
    };
  }
  const other = before.find(({ podBlock }) => podBlock && rangesOverlap(cidrRange(podBlock), range));
  if (!other) return undefined;
  return {
    message: `${formatCidr(block)} is the block of ${other.machine} already`,
    rule: 'a block belongs to one node',
    right: `another block, ${none}`,
  };
}
