import { expect, it } from 'vitest';
import { served, service, slice } from '../render.fixture.ts';
import { staleFlows } from './stale-flows.ts';

const dns = (spec: Record<string, unknown>, protocol: string, ...endpoints: string[]) => {
  const one = service('dns', { clusterIP: '10.96.0.10', ports: [{ port: 53, protocol }], ...spec });
  return served([one], [{ ...slice('dns', 53, ...endpoints), ports: [{ port: 53, protocol }] }], 'worker2');
};
const CLUSTER_IP = '-D -p udp --orig-dst 10.96.0.10 --dport 53';

it('the first endpoint: all addresses, and the node port', () => {
  const spec = {
    type: 'NodePort',
    externalIPs: ['10.1.200.1'],
    ports: [{ port: 53, nodePort: 30053, protocol: 'UDP' }],
  };
  const before = dns(spec, 'UDP');
  const after = dns(spec, 'UDP', '192.168.8.207@worker2');
  expect(staleFlows(before, after)).toEqual([
    CLUSTER_IP,
    '-D -p udp --orig-dst 10.1.200.1 --dport 53',
    '-D -p udp --dport 30053',
  ]);
  // A program that has just started does not know what was before.
  expect(staleFlows(undefined, after)).toEqual(staleFlows(before, after));
  expect(staleFlows(after, after)).toEqual([]);
});

it('an endpoint gone, an address gone, the service gone', () => {
  const two = dns({}, 'UDP', '192.168.8.207@worker2', '192.168.165.196@worker1');
  const one = dns({}, 'UDP', '192.168.8.207@worker2');
  expect(staleFlows(two, one)).toEqual([`${CLUSTER_IP} --dst-nat 192.168.165.196`]);
  expect(staleFlows(one, two)).toEqual([]);
  const external = dns({ externalIPs: ['10.1.200.1'] }, 'UDP', '192.168.8.207@worker2');
  expect(staleFlows(external, one)).toEqual(['-D -p udp --orig-dst 10.1.200.1 --dport 53']);
  expect(staleFlows(one, [])).toEqual([CLUSTER_IP]);
});

it('TCP connections end with their peers', () => {
  const after = dns({}, 'TCP', '192.168.8.207@worker2');
  expect(staleFlows(undefined, after)).toEqual([]);
  expect(staleFlows(after, [])).toEqual([]);
});
