import { expect, it } from 'vitest';
import { PAPER_CLUSTER } from '../../api/cluster.fixture.ts';
import type { NodeConfig } from '../../api/cluster.ts';
import { nodePortAddresses } from './node-addresses.ts';
import { duration, readOptions } from './options.ts';
import { wantedSysctls } from './sysctls.ts';

const self = PAPER_CLUSTER.nodes[2] as NodeConfig;
const read = (...argv: string[]) => readOptions(argv, PAPER_CLUSTER, self, {});

it('takes the cluster for defaults, flags for the rest', () => {
  expect(read()).toMatchObject({
    nodeName: self.nodeName,
    layout: '1.20',
    clusterCIDR: '192.168.0.0/16',
    syncPeriodMs: 30_000,
    minSyncPeriodMs: 0,
    tcpTimeoutEstablished: 86_400,
    tcpTimeoutCloseWait: 3_600,
    nodePortCidrs: [],
  });
  expect(
    read('--rules=1.30', '--masquerade-all', '--iptables-sync-period=0', '--cluster-cidr='),
  ).toMatchObject({
    layout: '1.30',
    masqueradeAll: true,
    syncPeriodMs: 0,
    clusterCIDR: undefined,
  });
  expect(() => read('--rules=1.18')).toThrow('there are 1.20 and 1.30');
  expect(() => read('--frob=1')).toThrow('unknown flag: --frob=1');
});

it('reads durations as Go does', () => {
  expect([duration('1m30s'), duration('100ms'), duration('0'), duration('24h')]).toEqual([
    90_000, 100, 0, 86_400_000,
  ]);
  expect(() => duration('30')).toThrow('no duration');
});

it("chooses the node's addresses", () => {
  const entry = (address: string) => ({
    address,
    family: 'IPv4' as const,
    netmask: '',
    mac: '',
    internal: false,
    cidr: null,
  });
  const interfaces = {
    lo: [entry('127.0.0.1')],
    ens192: [entry('10.1.110.107')],
    tunl0: [entry('192.168.8.192')],
  };
  expect(nodePortAddresses([], interfaces)).toBeUndefined();
  expect(nodePortAddresses(['0.0.0.0/0'], interfaces)).toBeUndefined();
  expect(nodePortAddresses(['10.1.110.0/24'], interfaces)).toEqual(['10.1.110.107']);
  expect(nodePortAddresses(['172.16.0.0/12'], interfaces)).toEqual([]);
});

it("sets Figure 67's timeouts", () => {
  expect(wantedSysctls(read())).toEqual([
    ['net/ipv4/conf/all/route_localnet', 1],
    ['net/netfilter/nf_conntrack_tcp_timeout_established', 86_400],
    ['net/netfilter/nf_conntrack_tcp_timeout_close_wait', 3_600],
  ]);
});
