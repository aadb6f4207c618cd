import { describe, expect, it } from 'vitest';
import type { Node, Pod, TopologySpreadConstraint } from '../../api/objects/index.ts';
import type { ClusterState } from './cluster.ts';
import { decide } from './decide.ts';

const ZONE = 'zone';
const HOST = 'kubernetes.io/hostname';

function node(name: string, zone?: string, spec: Node['spec'] = {}): Node {
  return { metadata: { name, labels: { [HOST]: name, ...(zone ? { [ZONE]: zone } : {}) } }, spec };
}

/** As many pods `app: web` on each node as told. */
function cluster(counts: ReadonlyArray<readonly [Node, number]>): ClusterState {
  return {
    nodes: counts.map(([one, count]) => ({
      node: one,
      pods: Array.from({ length: count }, (_, index) => web(`${one.metadata.name}-${index}`)),
    })),
    services: [],
    claim: () => undefined,
    volume: () => undefined,
    storageClass: () => undefined,
  };
}

function web(name: string, spec: Partial<Pod['spec']> = {}, labels: Record<string, string> = {}): Pod {
  return {
    metadata: { name, namespace: 'a', uid: name, labels: { app: 'web', ...labels } },
    spec: { containers: [{ name: 'c' }], ...spec },
  };
}

const spread = (
  topologyKey: string,
  more: Partial<TopologySpreadConstraint> = {},
): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
  ...more,
});
const wanting = (...topologySpreadConstraints: TopologySpreadConstraint[]): Pod =>
  web('p', { topologySpreadConstraints });
const chosen = (pod: Pod, state: ClusterState): string => {
  const decision = decide(pod, state);
  return decision.do === 'bind' ? decision.node : decision.do === 'wait' ? decision.message : decision.do;
};

// After TestSingleConstraint and TestMultipleConstraints (plugins/podtopologyspread/filtering_test.go).
describe('topology spread constraints that must hold', () => {
  const zones = (a: number, b: number, x: number, y: number) =>
    cluster([
      [node('node-a', 'zone1'), a],
      [node('node-b', 'zone1'), b],
      [node('node-x', 'zone2'), x],
      [node('node-y', 'zone2'), y],
    ]);

  it('zone1 has three pods, zone2 two: only zone2 may have one more', () => {
    expect(chosen(wanting(spread(ZONE)), zones(2, 1, 2, 0))).toBe('node-y');
  });

  it('the pods themselves must meet the selector to count', () => {
    const other = { ...spread(ZONE), labelSelector: { matchLabels: { app: 'other' } } };
    expect(chosen(wanting(other), zones(2, 1, 0, 0))).toBe('node-x');
  });

  it('both constraints at once: the emptiest node of the emptiest zone', () => {
    expect(chosen(wanting(spread(ZONE), spread(HOST)), zones(2, 1, 1, 0))).toBe('node-y');
    const message = chosen(wanting(spread(ZONE), spread(HOST)), zones(1, 0, 1, 1));
    expect(message).toBe('node-b');
  });

  it('says why not, and whether other pods that went would help', () => {
    const lone = cluster([
      [node('node-a', 'zone1'), 2],
      [node('node-b', 'zone2'), 1],
      [node('node-z'), 0],
    ]);
    const blocked = web('p', {
      nodeSelector: { [HOST]: 'node-a' },
      topologySpreadConstraints: [spread(ZONE)],
    });
    // Nodes that the selector excludes are no domains: node-a is alone and may take it.
    expect(chosen(blocked, lone)).toBe('node-a');
    const everywhere = { ...spread(ZONE), nodeAffinityPolicy: 'Ignore' };
    const refused = web('p', { nodeSelector: { [HOST]: 'node-a' }, topologySpreadConstraints: [everywhere] });
    expect(chosen(refused, lone)).toBe(
      "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
    );
    expect(chosen(wanting(spread('rack')), zones(0, 0, 0, 0))).toContain(
      "4 node(s) didn't match pod topology spread constraints (missing required label). preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.",
    );
  });

  it('too few domains for minDomains: the emptiest is taken to have none', () => {
    const wanted = wanting(spread(ZONE, { minDomains: 3 }));
    expect(chosen(wanted, zones(1, 0, 1, 0))).toContain("didn't match pod topology spread constraints");
    expect(chosen(wanted, zones(0, 0, 0, 0))).toBe('node-a');
  });

  it('taints count where the constraint says so', () => {
    const tainted = node('node-t', 'zone2', { taints: [{ key: 'k', effect: 'NoSchedule' }] });
    const state = cluster([
      [node('node-a', 'zone1'), 1],
      [tainted, 0],
    ]);
    expect(chosen(wanting(spread(ZONE)), state)).toContain("1 node(s) didn't match pod topology spread");
    expect(chosen(wanting(spread(ZONE, { nodeTaintsPolicy: 'Honor' })), state)).toBe('node-a');
  });

  it('matchLabelKeys: pods of another revision do not count', () => {
    const state = zones(1, 1, 0, 0);
    const next = web(
      'p',
      { topologySpreadConstraints: [spread(HOST, { matchLabelKeys: ['hash'] })] },
      { hash: '2' },
    );
    // Fewest pods decide, not the constraint.
    expect(chosen(next, state)).toBe('node-x');
    expect(chosen({ ...next, spec: { ...next.spec, nodeSelector: { [ZONE]: 'zone1' } } }, state)).toBe(
      'node-a',
    );
  });
});

describe('preferences', () => {
  const two = (a: number, b: number) =>
    cluster([
      [node('node-a', 'zone1'), a],
      [node('node-b', 'zone2'), b],
    ]);

  it('ScheduleAnyway goes to the emptier domain, and to a full one where nothing else is left', () => {
    const soft = spread(ZONE, { whenUnsatisfiable: 'ScheduleAnyway' });
    expect(chosen(wanting(soft), two(1, 0))).toBe('node-b');
    const state = two(5, 0);
    const cordoned = state.nodes.map((info) =>
      info.node.metadata.name === 'node-b'
        ? { ...info, node: node('node-b', 'zone2', { unschedulable: true }) }
        : info,
    );
    expect(chosen(wanting(soft), { ...state, nodes: cordoned })).toBe('node-a');
  });

  it('company that is liked or not counts before that', () => {
    const podAffinityTerm = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: HOST };
    const preferred = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm }] };
    expect(chosen(web('p', { affinity: { podAffinity: preferred } }), two(3, 0))).toBe('node-a');
    expect(chosen(web('p', { affinity: { podAntiAffinity: preferred } }), two(1, 0))).toBe('node-b');
  });
});
