import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeApi } from '../../api/client/fake.ts';
import { ENDPOINT_SLICES, SERVICES } from '../../api/client/index.ts';
import { klog } from '../../api/klog.ts';
import type { EndpointSlice, Service } from '../../api/objects/index.ts';
import { ProxyHealth } from './health/index.ts';
import { Metrics } from './metrics.ts';
import { Proxier } from './proxier.ts';
import { OPTIONS, service, slice } from './render.fixture.ts';
import { FakeTables } from './testing/tables.fixture.ts';
import { ServiceTracker } from './tracker.ts';
import { ClusterWatch } from './watch.ts';

const FRONTEND = 'KUBE-SVC-ENODL3HWJ5BZY56Q';
const folder = mkdtempSync(join(tmpdir(), 'hoplab-kube-proxy-'));

let api: FakeApi;
let tables: FakeTables;
let logs: string[];
let flows: (readonly string[])[];
let watch: ClusterWatch;
let proxier: Proxier;
let metrics: Metrics;
let health: ProxyHealth;

async function start(): Promise<void> {
  const log = klog('kube-proxy', (line) => logs.push(line));
  watch = new ClusterWatch(api, () => {});
  metrics = new Metrics();
  health = new ProxyHealth(60_000);
  proxier = new Proxier({
    tracker: new ServiceTracker(watch, 'worker2', '1.20', (name, problem) =>
      log.warn('Leaving out a part of a service', { name, problem }),
    ),
    iptables: tables,
    deleteFlows: async (deletions) => {
      if (deletions.length > 0) flows.push(deletions);
    },
    ruleOptions: () => OPTIONS,
    onSynced: () => {},
    metrics,
    health,
    log,
    syncPeriodMs: 0,
    minSyncPeriodMs: 0,
    refusedInput: join(folder, 'refused.rules'),
  });
  await watch.synced();
  watch.follow(proxier);
  proxier.start();
  await proxier.settled();
}

async function stop(): Promise<void> {
  watch.stop();
  await proxier.stop();
}

/** Until the watch has brought what was written, and the rules are in. */
async function settle(): Promise<void> {
  for (let n = 0; n < 20; n++) await turn();
  await proxier.settled();
}

beforeEach(async () => {
  api = new FakeApi();
  tables = new FakeTables();
  logs = [];
  flows = [];
  await api.load(
    SERVICES,
    service('frontend', { clusterIP: '10.96.17.201' }),
    service('other', { clusterIP: '10.96.17.202' }),
  );
  await api.load(ENDPOINT_SLICES, slice('frontend', 80, '192.168.8.198@worker2', '192.168.8.199@worker1'));
  await api.load(ENDPOINT_SLICES, slice('other', 80, '192.168.8.200@worker2'));
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

const patchSlice = (name: string, ...endpoints: string[]) =>
  api.patch<EndpointSlice>(ENDPOINT_SLICES, `${name}-x`, 'default', {
    endpoints: slice(name, 80, ...endpoints).endpoints,
  });

it('writes everything at first, then only the chains that changed', async () => {
  await start();
  expect(tables.rules('nat', FRONTEND)).toHaveLength(2);
  expect(tables.rules('nat', 'PREROUTING')).toEqual([
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  ]);
  await patchSlice('frontend', '192.168.8.198@worker2');
  await settle();
  expect(tables.inputs.at(-1)?.split('\n')).toEqual([
    '*nat',
    `:${FRONTEND} - [0:0]`,
    ':KUBE-SEP-UTYYDRQJ3GWCQAS7 - [0:0]',
    `-A ${FRONTEND} -m comment --comment "default/frontend" -j KUBE-SEP-VP2QAUKOETMAGR3B`,
    '-X KUBE-SEP-UTYYDRQJ3GWCQAS7',
    'COMMIT',
    '',
  ]);
  // What changes nothing in the rules writes nothing.
  const calls = tables.inputs.length;
  await api.patch<Service>(SERVICES, 'frontend', 'default', { metadata: { labels: { a: 'b' } } });
  await settle();
  expect(tables.inputs).toHaveLength(calls);
});

it('follows a service from no endpoints to some, and to its end', async () => {
  await start();
  await api.create<Service>(SERVICES, service('late', { clusterIP: '10.96.17.203' }));
  await settle();
  expect(tables.rules('filter', 'KUBE-SERVICES')).toEqual([
    '-A KUBE-SERVICES -d 10.96.17.203/32 -p tcp -m comment --comment "default/late has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
  ]);
  await api.create<EndpointSlice>(ENDPOINT_SLICES, slice('late', 80, '192.168.8.201@worker1'));
  await settle();
  expect(tables.rules('filter', 'KUBE-SERVICES')).toEqual([]);
  expect(tables.rules('nat', 'KUBE-SERVICES').join()).toContain('default/late cluster IP');
  await api.delete(SERVICES, 'late', 'default');
  await settle();
  const chains = [...tables.chains('nat').keys()];
  expect(tables.rules('nat', 'KUBE-SERVICES').join()).not.toContain('default/late');
  expect(chains.filter((chain) => chain.startsWith('KUBE-SVC-'))).toHaveLength(2);
  expect(chains.filter((chain) => chain.startsWith('KUBE-SEP-'))).toHaveLength(3);
});

it('repairs at a comparison what was changed by hand, and leaves what is not its own', async () => {
  tables.chains('nat').set('cali-PREROUTING', []);
  tables.chains('nat').set('PREROUTING', ['-A PREROUTING -m comment --comment "cali:x" -j cali-PREROUTING']);
  tables.chains('nat').set('MINE', ['-A MINE -j ACCEPT']);
  tables.chains('nat').set('KUBE-SVC-OLDOLDOLDOLDOLDO', ['-A KUBE-SVC-OLDOLDOLDOLDOLDO -j KUBE-MARK-MASQ']);
  tables.chains('nat').set('KUBE-MARK-MASQ', []);
  await start();
  expect(tables.rules('nat', 'PREROUTING')).toEqual([
    '-A PREROUTING -m comment --comment "cali:x" -j cali-PREROUTING',
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  ]);
  expect(tables.chains('nat').has('KUBE-SVC-OLDOLDOLDOLDOLDO')).toBe(false);

  const right = JSON.stringify([...tables.tables].map(([name, chains]) => [name, [...chains]]));
  tables.rules('nat', FRONTEND).pop();
  tables.rules('nat', 'KUBE-SERVICES').unshift('-A KUBE-SERVICES -j LOG --log-prefix "_KUBE "');
  tables.rules('nat', 'PREROUTING').pop();
  tables.chains('filter').delete('KUBE-FORWARD');
  tables.rules('filter', 'FORWARD').splice(0, 1);
  proxier.resync();
  await proxier.settled();
  const input = tables.inputs.at(-1) ?? '';
  expect(input.match(/^:.*/gm)).toEqual([
    ':KUBE-FORWARD - [0:0]',
    ':KUBE-SERVICES - [0:0]',
    `:${FRONTEND} - [0:0]`,
  ]);
  const sorted = (text: string) => [...text].sort().join('');
  const now = JSON.stringify([...tables.tables].map(([name, chains]) => [name, [...chains]]));
  expect(sorted(now)).toBe(sorted(right));
  expect(tables.rules('nat', 'MINE')).toEqual(['-A MINE -j ACCEPT']);

  const calls = tables.inputs.length;
  proxier.resync();
  await proxier.settled();
  expect(tables.inputs).toHaveLength(calls);
});

it('tries again after a refusal, with a look at everything, and says what was refused', async () => {
  await start();
  const saves = tables.saves;
  tables.refusals.push('iptables-restore v1.8.11 (nf_tables): line 3 failed');
  await patchSlice('frontend', '192.168.8.198@worker2');
  await settle();
  expect(tables.rules('nat', FRONTEND)).toHaveLength(1);
  expect(tables.saves).toBe(saves + 1);
  const line = logs.find((text) => text.includes('Failed to execute iptables-restore')) ?? '';
  expect(line).toContain(`lineNumber=3`);
  expect(line).toContain(':KUBE-SEP-UTYYDRQJ3GWCQAS7 - [0:0]');
  expect(line).toContain(`iptables-restore --noflush --wait 5 <${join(folder, 'refused.rules')}`);
  expect(readFileSync(join(folder, 'refused.rules'), 'utf8')).toBe(tables.inputs.at(-2));
  expect(metrics.render()).toContain('kubeproxy_sync_proxy_rules_iptables_restore_failures_total 1\n');
  expect(health.healthy).toBe(true);
});

it('gathers what comes at once', async () => {
  await start();
  const calls = tables.inputs.length;
  await Promise.all([
    patchSlice('frontend', '192.168.8.198@worker2'),
    patchSlice('other', '192.168.8.205@worker2'),
    api.create<Service>(SERVICES, service('late', { clusterIP: '10.96.17.203' })),
  ]);
  await settle();
  expect(tables.inputs).toHaveLength(calls + 1);
});

it('serves the others when one object is malformed', async () => {
  const broken = service('broken', { clusterIP: '10.96.1.1', ports: [null] });
  const quoted = service('frontend" -j ACCEPT', { clusterIP: '10.96.1.2' });
  await api.load(SERVICES, broken, quoted, service('bad', { clusterIP: 'nonsense' }));
  await start();
  expect(tables.rules('nat', FRONTEND)).toHaveLength(2);
  expect(logs.filter((line) => line.includes('Leaving out'))).toHaveLength(3);
});

it('deletes stale UDP entries once the rules are in', async () => {
  const dns = service('dns', { clusterIP: '10.96.0.10', ports: [{ port: 53, protocol: 'UDP' }] });
  const endpoints = { ...slice('dns', 53, '192.168.8.207@worker2', '192.168.165.196@worker1') };
  endpoints.ports = [{ port: 53, protocol: 'UDP' }];
  await api.load(SERVICES, dns);
  await start();
  expect(flows).toEqual([]);
  await api.create<EndpointSlice>(ENDPOINT_SLICES, endpoints);
  await settle();
  expect(flows).toEqual([['-D -p udp --orig-dst 10.96.0.10 --dport 53']]);
  tables.refusals.push('no');
  await patchSlice('dns', '192.168.8.207@worker2');
  await settle();
  expect(flows.slice(1)).toEqual([['-D -p udp --orig-dst 10.96.0.10 --dport 53 --dst-nat 192.168.165.196']]);
});

it('takes over from its predecessor without touching what is right', async () => {
  await start();
  await stop();
  const calls = tables.inputs.length;
  await patchSlice('frontend', '192.168.8.198@worker2');
  await start();
  expect(tables.inputs).toHaveLength(calls + 1);
  expect(tables.inputs.at(-1)?.match(/^:.*/gm)).toEqual([
    `:${FRONTEND} - [0:0]`,
    ':KUBE-SEP-UTYYDRQJ3GWCQAS7 - [0:0]',
  ]);
});
