import type { Draft } from '../draft.ts';
import type { Finding } from '../fault.ts';

/** One control plane, for now. */
export function roleRule(draft: Draft): Finding[] {
  if (!draft.nodes) return [];
  if (draft.nodes.length === 0) {
    return [
      {
        path: ['nodes'],
        message: 'there are no nodes',
        rule: 'a cluster has one control-plane node, and workers as you like',
        right: 'for instance controlpl1: { role: control-plane, network: ..., address: ... }',
      },
    ];
  }
  const [first, ...more] = draft.nodes.filter((node) => node.role === 'control-plane');
  if (!first) {
    if (draft.nodes.some((node) => node.role === undefined)) return [];
    return [
      {
        path: ['nodes'],
        at: 'key',
        message: 'there is no control-plane node',
        rule: 'one node of the cluster has role: control-plane',
        right: `role: control-plane for one of ${draft.nodes.map((node) => node.machine).join(', ')}`,
      },
    ];
  }
  return more.map((node) => ({
    path: [...node.path, 'role'],
    message: `${node.machine} is a second control plane, beside ${first.machine}`,
    rule: 'more than one control-plane node is not yet supported',
    right: 'role: worker',
  }));
}
