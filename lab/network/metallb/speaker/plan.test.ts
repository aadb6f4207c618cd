import { describe, expect, it } from 'vitest';
import { PAPER_CLUSTER } from '../../../api/cluster.fixture.ts';
import type { EndpointSlice, Node } from '../../../api/objects/index.ts';
import { readPools } from '../pools.ts';
import type { LoadBalancerService } from '../service.ts';
import { elect, electionOrder } from './election.ts';
import { type PlanInput, planAnnouncements } from './plan.ts';

const [controlpl1 = '', worker1 = '', worker2 = ''] = PAPER_CLUSTER.nodes.map(({ nodeName }) => nodeName);
const all = [controlpl1, worker1, worker2];
const VIP = '10.1.110.105';
const INGRESS = 'iks/essential-nginx-ingress-ingress-nginx-controller';

const node = (name: string, labels = {}, conditions: { type: string; status: string }[] = []): Node => ({
  metadata: { name, labels },
  spec: {},
  status: { conditions },
});
const service = (
  name: string,
  spec: Partial<LoadBalancerService['spec']> = {},
  ip: string | undefined = VIP,
): LoadBalancerService => ({
  metadata: { name, namespace: 'default' },
  spec: { type: 'LoadBalancer', ...spec },
  status: { loadBalancer: ip ? { ingress: [{ ip }] } : {} },
});
const slice = (...endpoints: [nodeName: string, ready?: boolean][]): EndpointSlice => ({
  metadata: {},
  addressType: 'IPv4',
  endpoints: endpoints.map(([nodeName, ready = true]) => ({
    addresses: ['1.1.1.1'],
    nodeName,
    conditions: { ready },
  })),
});
const pools = readPools(
  [{ metadata: { name: 'p', labels: { a: 'b' } }, spec: { addresses: [`${VIP}/32`] } }],
  undefined,
).pools;

function plan(input: Partial<PlanInput> & { slices?: EndpointSlice[] }) {
  return planAnnouncements({
    release: '0.10',
    services: [service('s')],
    slicesOf: () => input.slices ?? [slice([worker1], [worker2])],
    nodes: all.map((name) => node(name)),
    pools,
    advertisements: [{ metadata: {} }],
    ...input,
  });
}
const candidates = (input: Parameters<typeof plan>[0]) => [
  ...(plan(input).announcements.get(VIP)?.candidates ?? []),
];

describe('election', () => {
  it('Figures 61 and 63: worker2 announces the ingress, by the key of the old releases', () => {
    expect(elect(all, INGRESS)).toBe(worker2);
    expect([...all].sort((a, b) => electionOrder(INGRESS, a, b))).toEqual([worker2, controlpl1, worker1]);
  });
  it('by the key of the new ones it would be worker1', () => expect(elect(all, VIP)).toBe(worker1));
  it('a loser that goes changes nothing; when the winner goes the second follows', () => {
    expect(elect([controlpl1, worker2], INGRESS)).toBe(worker2);
    expect(elect([controlpl1, worker1], INGRESS)).toBe(controlpl1);
    expect(elect([], INGRESS)).toBeUndefined();
  });
});

describe('candidates', () => {
  const none: Partial<PlanInput>['slicesOf'] = () => [];
  it('0.10: nodes with a ready endpoint, whatever the policy', () => {
    expect(candidates({})).toEqual([worker1, worker2]);
    expect(candidates({ slices: [slice([worker1, false], [worker2])] })).toEqual([worker2]);
  });
  it('0.13: all nodes under Cluster, nodes with a ready endpoint under Local', () => {
    expect(candidates({ release: '0.13' })).toEqual(all);
    const services = [service('s', { externalTrafficPolicy: 'Local' })];
    expect(candidates({ release: '0.13', services })).toEqual([worker1, worker2]);
    expect(candidates({ release: '0.13', slicesOf: none })).toEqual([]);
  });
  it('not a node that is excluded, or has no network yet', () => {
    const label = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
    const nodes = [
      node(controlpl1, label),
      node(worker1, {}, [{ type: 'NetworkUnavailable', status: 'True' }]),
      node(worker2, {}, [{ type: 'NetworkUnavailable', status: 'False' }]),
    ];
    expect(candidates({ release: '0.13', nodes })).toEqual([worker2]);
  });
  it('only the nodes and interfaces of the advertisements', () => {
    const nodes = [node(worker1, { zone: 'a' }), node(worker2, { zone: 'b' })];
    const advertisements = [
      {
        metadata: {},
        spec: {
          ipAddressPools: ['p'],
          nodeSelectors: [{ matchLabels: { zone: 'b' } }],
          interfaces: ['ens192'],
        },
      },
    ];
    expect(candidates({ nodes, advertisements })).toEqual([worker2]);
    expect(plan({ nodes, advertisements }).announcements.get(VIP)?.interfaces(worker2)).toEqual(['ens192']);
    const selected = [{ metadata: {}, spec: { ipAddressPoolSelectors: [{ matchLabels: { a: 'b' } }] } }];
    expect(candidates({ advertisements: selected })).toEqual([worker1, worker2]);
  });
  it('nobody without an advertisement, except for pools of the ConfigMap', () => {
    const { announcements, reasons } = plan({ advertisements: [] });
    expect(announcements.size).toBe(0);
    expect(reasons.get('default/s')).toBe('noL2Advertisement');
    const config = `address-pools: [{name: p, protocol: layer2, addresses: [${VIP}/32]}]`;
    const legacy = readPools([], { metadata: {}, data: { config } }).pools;
    expect(candidates({ advertisements: [], pools: legacy })).toEqual([worker1, worker2]);
  });
  it('services that share an address are announced together', () => {
    const services = [service('b'), service('a')];
    const slicesOf = ({ metadata }: LoadBalancerService) =>
      metadata.name === 'a' ? [slice([worker1], [worker2])] : [slice([worker2])];
    const { announcements } = plan({ services, slicesOf });
    expect(announcements.get(VIP)).toMatchObject({ key: 'default/a', services: ['default/a', 'default/b'] });
    expect([...(announcements.get(VIP)?.candidates ?? [])]).toEqual([worker2]);
  });
  it.each<[string, LoadBalancerService, string]>([
    ['another type', service('s', { type: 'ClusterIP' }), 'notLoadBalancer'],
    ['another class', service('s', { loadBalancerClass: 'x' }), 'notLoadBalancer'],
    ['no address', service('s', {}, ''), 'noIPAllocated'],
    ['an address of no pool', service('s', {}, '10.9.9.9'), 'ipNotAllowed'],
    ['no address at all', service('s', {}, 'x'), 'invalidIP'],
  ])('the reason for silence: %s', (_, one, reason) => {
    expect(plan({ services: [one] }).reasons.get('default/s')).toBe(reason);
  });
  it('the reason for silence: no endpoints', () => {
    expect(plan({ slicesOf: none }).reasons.get('default/s')).toBe('noEndpoints');
  });
});
