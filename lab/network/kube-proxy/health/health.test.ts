import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { silentLog } from '../../../api/klog.ts';
import { Metrics } from '../metrics.ts';
import { served, service, slice } from '../render.fixture.ts';
import { healthAnswer, healthChecks, ProxyHealth, ServiceHealthServers, statusServer } from './index.ts';

const LB = service('lb-local', {
  type: 'LoadBalancer',
  clusterIP: '10.96.0.14',
  externalTrafficPolicy: 'Local',
  healthCheckNodePort: 32001,
});

it('answers a health check as the real program does', () => {
  const check = { namespace: 'default', name: 'lb-local', localEndpoints: 1 };
  const { code, headers, body } = healthAnswer(check, true);
  expect([code, headers['X-Load-Balancing-Endpoint-Weight']]).toEqual([200, '1']);
  expect(body).toBe(
    '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "lb-local"\n\t},\n\t"localEndpoints": 1,\n\t"serviceProxyHealthy": true\n}',
  );
  expect(healthAnswer({ ...check, localEndpoints: 0 }, true).code).toBe(503);
  expect(healthAnswer(check, false).code).toBe(503);
});

it('counts ready endpoints on this node only', () => {
  const slices = [slice('lb-local', 80, '192.168.8.198@worker2', '192.168.104.70@worker1')];
  const at = (node: string) => healthChecks(served([LB], slices, node)).get(32001)?.localEndpoints;
  expect([at('worker2'), at('controlpl1')]).toEqual([1, 0]);
  for (const { endpoints } of slices) {
    for (const one of endpoints ?? []) one.conditions = { ready: false, serving: true, terminating: true };
  }
  expect(at('worker2')).toBe(0);
});

it('opens and closes ports with the services', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  taken.close();
  await once(taken, 'close');
  const servers = new ServiceHealthServers(() => true, silentLog);
  const check = (localEndpoints: number) => new Map([[port, { namespace: 'a', name: 'b', localEndpoints }]]);
  const get = async () => (await fetch(`http://127.0.0.1:${port}/`)).status;
  servers.update(check(2));
  expect(await get()).toBe(200);
  servers.update(check(0));
  expect(await get()).toBe(503);
  servers.stop();
  await expect(get()).rejects.toThrow();
});

it('is unhealthy when a change waits too long', () => {
  let now = 0;
  const health = new ProxyHealth(60_000, () => now);
  health.queued();
  now = 59_000;
  expect(health.healthy).toBe(true);
  now = 61_000;
  expect([health.healthy, health.report().code]).toEqual([false, 503]);
  health.updated(60_000);
  expect(JSON.parse(health.report().body)).toEqual({
    lastUpdated: '1970-01-01T00:01:01.000Z',
    currentTime: '1970-01-01T00:01:01.000Z',
    nodeEligible: true,
  });
});

it('serves metrics in the text format', async () => {
  const metrics = new Metrics();
  metrics.observe('sync_proxy_rules_duration_seconds', 0.003);
  metrics.set('sync_proxy_rules_iptables_total', 12, { table: 'nat' });
  const server = statusServer(
    '127.0.0.1:0',
    { '/metrics': () => ({ code: 200, body: metrics.render() }) },
    silentLog,
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(text).toContain('# TYPE kubeproxy_sync_proxy_rules_duration_seconds histogram\n');
  expect(text).toContain('kubeproxy_sync_proxy_rules_duration_seconds_bucket{le="0.002"} 0\n');
  expect(text).toContain('kubeproxy_sync_proxy_rules_duration_seconds_bucket{le="0.004"} 1\n');
  expect(text).toContain('kubeproxy_sync_proxy_rules_iptables_total{table="nat"} 12\n');
  expect((await fetch(`http://127.0.0.1:${port}/__proto__`)).status).toBe(404);
  expect(() => metrics.set('nonsense', 1)).toThrow('no metric');
  server.close();
});
