import { afterEach, expect, test, vi } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import { type ApiClient, type Clock, NAMESPACES, SERVICES, systemClock } from '../../../api/client/index.ts';
import { overUdp, queryFor } from '../testing/fake-dns.ts';
import { corefile, type LabServer, type LabServerOptions, labServer } from '../testing/lab-server.ts';
import { fakeUpstream } from '../testing/upstream.ts';
import { RCODE, recordText } from '../wire/index.ts';
import { namespace, service } from '../zone/fixture.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function started(text: string, options?: LabServerOptions): Promise<LabServer> {
  const lab = await labServer(text, options);
  closing.push(() => lab.stop());
  return lab;
}

const addressOf = async ({ port }: LabServer, name: string) => {
  const { answers, rcode } = await overUdp(port, queryFor(name));
  return answers.map((record) => recordText(record).split(' ').at(-1)).join() || rcode;
};

test('a new Corefile is in force at once, and a wrong one keeps the old', async () => {
  const hosts = (address: string) =>
    corefile('127.0.0.1:1', `hosts {\n ${address} router.lab.example\n fallthrough\n }`);
  const lab = await started(hosts('10.1.0.254'));
  expect(await addressOf(lab, 'router.lab.example.')).toBe('10.1.0.254');

  await lab.writeCorefile(corefile('127.0.0.1:1', 'nonsense'));
  expect(await lab.said('Restart failed')).toMatch(
    /^\[ERROR\] Restart failed: .*\/Corefile:20 - Error during parsing: Unknown directive 'nonsense'$/,
  );
  expect(await addressOf(lab, 'router.lab.example.')).toBe('10.1.0.254');

  await lab.writeCorefile(hosts('10.1.0.253'));
  await lab.said('Reloading complete');
  expect(await addressOf(lab, 'router.lab.example.')).toBe('10.1.0.253');
  expect(await addressOf(lab, 'kubernetes.default.svc.cluster.local.')).toBe('10.96.0.1');
});

test('a file that cannot be read, or an address that is taken, keeps the old Corefile too', async () => {
  const lab = await started(corefile('127.0.0.1:1'));
  await lab.writeCorefile(corefile('/nonexistent/resolv.conf'));
  await lab.said('/nonexistent/resolv.conf');
  const other = await started(corefile('127.0.0.1:1'));
  await lab.writeCorefile(corefile('127.0.0.1:1').replace('.:0', `.:${other.port}`));
  await lab.said('EADDRINUSE');
  expect(await addressOf(lab, 'kubernetes.default.svc.cluster.local.')).toBe('10.96.0.1');
});

/** The API behind a door: while it is closed, nothing can be listed or watched. */
function gated(api: FakeApi) {
  const refused = new Error('connect ECONNREFUSED 10.96.0.1:443');
  let isOpen = true;
  const client: Pick<ApiClient, 'list' | 'watch'> = {
    list: (ref, options) => (isOpen ? api.list(ref, options) : Promise.reject(refused)),
    async *watch(ref, options) {
      if (!isOpen) throw refused;
      yield* api.watch(ref, options);
    },
  };
  const set = (open: boolean) => () => {
    isOpen = open;
  };
  return { client: client as ApiClient, open: set(true), close: set(false) };
}

/** Waits at most 100 ms for anything. */
const HURRIED: Clock = { ...systemClock, after: (ms, run) => systemClock.after(Math.min(ms, 100), run) };

test('no answer before the API was read, and none is lost when it goes away', async () => {
  const api = new FakeApi();
  const gate = gated(api);
  gate.close();
  await api.load(NAMESPACES, namespace('default'));
  await api.load(SERVICES, service('here', { clusterIP: '10.96.5.5', ports: [{ port: 80 }] }));
  const lab = await started(corefile('127.0.0.1:1'), { api, client: gate.client, clock: HURRIED });
  const name = 'here.default.svc.cluster.local.';
  await lab.said('[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API');
  await lab.said('Kubernetes API connection failure: connect ECONNREFUSED');
  const readyUrl = `http://127.0.0.2:${lab.server.pagePort('ready')}/ready`;
  expect(await addressOf(lab, name)).toBe(RCODE.SERVFAIL);
  expect((await fetch(readyUrl)).status).toBe(503);
  expect(lab.lines).toContain('[INFO] plugin/ready: Still waiting on: "kubernetes"');

  gate.open();
  await vi.waitFor(async () => expect((await fetch(readyUrl)).status).toBe(200), { timeout: 5000 });
  expect(await addressOf(lab, name)).toBe('10.96.5.5');

  gate.close();
  api.dropWatches();
  await api.create(SERVICES, service('late', { clusterIP: '10.96.5.6', ports: [{ port: 80 }] }));
  const late = () => addressOf(lab, 'late.default.svc.cluster.local.');
  expect(await addressOf(lab, name)).toBe('10.96.5.5');
  expect(await late()).toBe(RCODE.NXDOMAIN);
  gate.open();
  await vi.waitFor(async () => expect(await late()).toBe('10.96.5.6'), { timeout: 5000 });
});

test('a server block with a longer zone has its own upstream', async () => {
  const stub = await fakeUpstream(() => ({ rcode: RCODE.REFUSED }));
  closing.push(() => stub.close());
  const lab = await started(
    `${corefile('127.0.0.1:1')}lab.example:0 {\n bind 127.0.0.1\n forward . 127.0.0.1:${stub.port}\n}\n`,
  );
  expect(await addressOf(lab, 'client.lab.example.')).toBe(RCODE.REFUSED);
  expect(stub.asked).toEqual(['udp client.lab.example. A']);
});

test('with the upstream gone there is SERVFAIL, and a line that says why', async () => {
  const lab = await started(corefile('127.0.0.1:1'));
  expect(await addressOf(lab, 'www.example.com.')).toBe(RCODE.SERVFAIL);
  expect(await lab.said('plugin/errors')).toBe(
    '[ERROR] plugin/errors: 2 www.example.com. A: udp 127.0.0.1:1: recvmsg ECONNREFUSED',
  );
  expect(await addressOf(lab, 'kubernetes.default.svc.cluster.local.')).toBe('10.96.0.1');
});

test('stopping waits as long as health says, not ready but answering', async () => {
  let over = () => {};
  const clock: Clock = {
    ...systemClock,
    after: (ms, run) => {
      if (ms !== 300_000) return systemClock.after(ms, run);
      over = run;
      return () => {};
    },
  };
  const text = corefile('127.0.0.1:1').replace(
    'health 127.0.0.1:0',
    'health 127.0.0.1:0 {\n lameduck 5m\n }',
  );
  const lab = await labServer(text, { clock });
  const stopped = lab.stop();
  await lab.said('[INFO] plugin/health: Going into lameduck mode for 300s');
  expect(await addressOf(lab, 'kubernetes.default.svc.cluster.local.')).toBe('10.96.0.1');
  expect((await fetch(`http://127.0.0.2:${lab.server.pagePort('ready')}/ready`)).status).toBe(503);
  over();
  await stopped;
});
