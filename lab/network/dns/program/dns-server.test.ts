import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENDPOINT_SLICES, SERVICES } from '../../../api/client/index.ts';
import type { EndpointSlice } from '../../../api/objects/index.ts';
import { type FakeUpstream, overTcp, overUdp, queryFor, rawTcp, rawUdp } from '../testing/fake-dns.ts';
import { corefile, type LabServer, labServer } from '../testing/lab-server.ts';
import { fakeUpstream } from '../testing/upstream.ts';
import {
  addressRecord,
  decodeMessage,
  encodeMessage,
  frame,
  RCODE,
  recordText,
  soaRecord,
} from '../wire/index.ts';
import { service } from '../zone/fixture.ts';

const OUTSIDE = 'www.example.com.';
const soa = soaRecord('com.', 60, {
  primary: 'a.',
  mailbox: 'b.',
  serial: 1,
  refresh: 1,
  retry: 1,
  expire: 1,
  minimum: 60,
});

let upstream: FakeUpstream;
let lab: LabServer;
/** Another implementation of the protocol: c-ares, through Node. */
const peer = new Resolver();

beforeAll(async () => {
  upstream = await fakeUpstream(({ questions: [question] }) => {
    if (question?.name === OUTSIDE) return { answers: [addressRecord(OUTSIDE, 60, '203.0.113.10')] };
    if (question?.name === 'large.example.com.') {
      return {
        answers: Array.from({ length: 120 }, (_, i) => addressRecord(question.name, 60, `203.0.113.${i}`)),
      };
    }
    return { rcode: RCODE.NXDOMAIN, authority: [soa] };
  });
  lab = await labServer(corefile(`127.0.0.1:${upstream.port}`));
  peer.setServers([`127.0.0.1:${lab.port}`]);
});

afterAll(async () => {
  await lab.stop();
  await upstream.close();
});

describe('another resolver', () => {
  test('finds services', async () => {
    expect(await peer.resolve4('wordpress-db.default.svc.cluster.local')).toEqual(['10.96.23.229']);
    await expect(peer.resolve6('wordpress-db.default.svc.cluster.local')).rejects.toThrow('ENODATA');
    await expect(peer.resolve4('nothere.default.svc.cluster.local')).rejects.toThrow('ENOTFOUND');
    expect((await peer.resolve4('peers.default.svc.cluster.local')).sort()).toEqual([
      '192.168.104.70',
      '192.168.8.201',
    ]);
    expect(await peer.resolveSrv('_https._tcp.kubernetes.default.svc.cluster.local')).toEqual([
      { name: 'kubernetes.default.svc.cluster.local', port: 443, priority: 0, weight: 100 },
    ]);
    expect(await peer.resolveTxt('dns-version.cluster.local')).toEqual([['1.1.0']]);
    expect(await peer.reverse('10.96.0.10')).toEqual(['kube-dns.kube-system.svc.cluster.local']);
    expect(await peer.resolveNs('cluster.local')).toEqual(['kube-dns.kube-system.svc.cluster.local']);
    expect((await peer.resolveSoa('cluster.local')).hostmaster).toBe('hostmaster.cluster.local');
  });

  test('follows an ExternalName through the upstream server', async () => {
    expect(await peer.resolveCname('outside.default.svc.cluster.local')).toEqual(['www.example.com']);
    expect(await peer.resolve4('outside.default.svc.cluster.local')).toEqual(['203.0.113.10']);
  });

  test('gets the names of others from the upstream server, once', async () => {
    expect(await peer.resolve4('www.example.com')).toEqual(['203.0.113.10']);
    const before = upstream.asked.length;
    expect(await peer.resolve4('WWW.example.com')).toEqual(['203.0.113.10']);
    await expect(peer.resolve4('nothere.example.com')).rejects.toThrow('ENOTFOUND');
    await expect(peer.resolve4('nothere.example.com')).rejects.toThrow('ENOTFOUND');
    expect(upstream.asked.slice(before)).toEqual(['udp nothere.example.com. A']);
  });

  test('takes an answer that UDP has no room for over TCP', async () => {
    expect(await peer.resolve4('large.example.com')).toHaveLength(120);
    expect(upstream.asked).toContain('tcp large.example.com. A');
  });
});

describe('on the wire', () => {
  test('answers are authoritative, without recursion, and of Figure 96 in size', async () => {
    const query = encodeMessage(queryFor('wordpress-db.default.svc.cluster.local.'));
    const bytes = await rawUdp(lab.port, query);
    expect([query.length, bytes?.length]).toEqual([56, 110]);
    const answer = decodeMessage(bytes as Buffer);
    expect(answer).toMatchObject({
      id: 4711,
      authoritative: true,
      recursionAvailable: false,
      recursionDesired: true,
    });
    const nodata = await rawUdp(
      lab.port,
      encodeMessage(queryFor('wordpress-db.default.svc.cluster.local.', 'AAAA')),
    );
    expect(nodata?.length).toBe(149);
  });

  test('names come back in the letters of the question', async () => {
    const answer = await overUdp(lab.port, queryFor('WordPress-db.DEFAULT.svc.cluster.local.'));
    expect(answer.questions[0]?.name).toBe('WordPress-db.DEFAULT.svc.cluster.local.');
    expect(answer.answers[0]?.name).toBe('WordPress-db.DEFAULT.svc.cluster.local.');
  });

  test('what is too long for UDP is cut off, by the size the asker takes', async () => {
    const plain = await overUdp(lab.port, queryFor('large.example.com.'));
    expect(plain.truncated).toBe(true);
    expect(plain.answers.length).toBeLessThan(40);
    const roomy = await overUdp(
      lab.port,
      queryFor('large.example.com.', 'A', { edns: { payloadSize: 4096, version: 0, dnssecOk: false } }),
    );
    expect(roomy.truncated).toBe(false);
    expect(roomy.answers).toHaveLength(120);
    expect(roomy.edns).toEqual({ payloadSize: 1232, version: 0, dnssecOk: false });
    expect(plain.edns).toBeUndefined();
  });

  test('many questions on one connection, in pieces of any size', async () => {
    const names = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0 ? 'kubernetes.default.svc.cluster.local.' : `n${index}.example.com.`,
    );
    const queries = names.map((name, id) => queryFor(name, 'A', { id }));
    const answers = await overTcp(lab.port, queries);
    expect(answers.map(({ id }) => id).sort((a, b) => a - b)).toEqual(queries.map(({ id }) => id));
    const bytes = frame(encodeMessage(queryFor('kubernetes.default.svc.cluster.local.')));
    const pieces = [...bytes].map((byte) => Buffer.of(byte));
    const [answer] = await rawTcp(lab.port, pieces, 1);
    expect(decodeMessage(answer as Buffer).answers.map(recordText)).toEqual([
      'kubernetes.default.svc.cluster.local. 30 IN A 10.96.0.1',
    ]);
  });

  test.each([
    ['another opcode', queryFor('a.', 'A', { opcode: 5 }), RCODE.NOTIMP],
    ['no question', queryFor('a.', 'A', { questions: [] }), RCODE.FORMERR],
    [
      'two questions',
      queryFor('a.', 'A', { questions: [...queryFor('a.').questions, ...queryFor('b.').questions] }),
      RCODE.FORMERR,
    ],
    [
      'another class',
      queryFor('a.', 'A', { questions: [{ name: 'version.bind.', type: 16, class: 3 }] }),
      RCODE.REFUSED,
    ],
    [
      'another version of EDNS',
      queryFor('a.', 'A', { edns: { payloadSize: 512, version: 1, dnssecOk: false } }),
      RCODE.BADVERS,
    ],
    ['a zone transfer', queryFor('cluster.local.', 'AXFR'), RCODE.REFUSED],
  ])('%s is refused', async (_, query, rcode) => {
    expect(await overUdp(lab.port, query)).toMatchObject({ id: 4711, response: true, rcode });
  });

  test('answers and bytes without a header are not answered', async () => {
    expect(await rawUdp(lab.port, Buffer.from('hello'), 50)).toBeUndefined();
    const answer = encodeMessage(queryFor('kubernetes.default.svc.cluster.local.', 'A', { response: true }));
    expect(await rawUdp(lab.port, answer, 50)).toBeUndefined();
  });
});

/** Asks until the answer is right. @returns milliseconds */
async function untilAnswer(name: string, expected: readonly string[]): Promise<number> {
  const started = performance.now();
  for (;;) {
    const { answers } = await overUdp(lab.port, queryFor(name));
    const found = answers.map((record) => recordText(record).split(' ').at(-1)).sort();
    if (JSON.stringify(found) === JSON.stringify([...expected].sort())) return performance.now() - started;
    if (performance.now() - started > 5000)
      throw new Error(`${name} is ${found.join()}, not ${expected.join()}`);
  }
}

test('a change in the API changes the answers, whatever the cache is set to', async () => {
  const name = 'new.default.svc.cluster.local.';
  expect((await overUdp(lab.port, queryFor(name))).rcode).toBe(RCODE.NXDOMAIN);
  await lab.api.create(SERVICES, service('new', { clusterIP: '10.96.99.1', ports: [{ port: 80 }] }));
  await untilAnswer(name, ['10.96.99.1']);
  const slice = (await lab.api.list<EndpointSlice>(ENDPOINT_SLICES)).items.find(
    ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'peers',
  ) as EndpointSlice;
  await lab.api.update(ENDPOINT_SLICES, {
    ...slice,
    endpoints: [{ addresses: ['192.168.8.240'], conditions: { ready: true } }],
  });
  await untilAnswer('peers.default.svc.cluster.local.', ['192.168.8.240']);
  await lab.api.delete(SERVICES, 'new', 'default');
  await untilAnswer(name, []);
});

test('objects that make no sense are passed over', async () => {
  const strange = { metadata: { name: 'strange', namespace: 'default' } };
  await lab.api.create(SERVICES, { ...strange, spec: { clusterIP: 'nonsense', ports: [{ port: 1 }] } });
  await lab.api.create(SERVICES, { metadata: { name: 'bare', namespace: 'default' } });
  await lab.api.create(ENDPOINT_SLICES, {
    metadata: { name: 's', namespace: 'default', labels: { 'kubernetes.io/service-name': 'strange' } },
    endpoints: [{}, { addresses: ['x'] }],
  });
  const label = 'x'.repeat(64);
  await lab.api.create(
    SERVICES,
    service('long', { type: 'ExternalName', externalName: `${label}.example.com` }),
  );
  await lab.api.create(SERVICES, service('after', { clusterIP: '10.96.99.2', ports: [{ port: 80 }] }));
  await untilAnswer('after.default.svc.cluster.local.', ['10.96.99.2']);
  expect((await overUdp(lab.port, queryFor('strange.default.svc.cluster.local.'))).rcode).toBe(
    RCODE.NXDOMAIN,
  );
  expect((await overUdp(lab.port, queryFor('bare.default.svc.cluster.local.'))).rcode).toBe(RCODE.NXDOMAIN);
  expect((await overUdp(lab.port, queryFor('long.default.svc.cluster.local.'))).rcode).toBe(RCODE.SERVFAIL);
});

test('banner and log lines look like those of CoreDNS', async () => {
  expect(lab.lines.slice(0, 4)).toEqual([
    '.:0',
    expect.stringMatching(/^\[INFO\] plugin\/reload: Running configuration MD5 = [0-9a-f]{32}$/),
    'CoreDNS-1.7.0',
    expect.stringMatching(/^linux\/\w+, node/),
  ]);
  await overUdp(lab.port, queryFor('kubernetes.default.svc.cluster.local.'));
  expect(lab.lines.find((line) => line.includes('A IN kubernetes.default'))).toMatch(
    /^\[INFO\] 127\.0\.0\.1:\d+ - \d+ "A IN kubernetes\.default\.svc\.cluster\.local\. (udp|tcp) 54 false (512|65535)" NOERROR qr,aa,rd 106 0\.\d{9}s$/,
  );
});

test('health, ready and metrics', async () => {
  const page = async (host: string, port: number | undefined, path: string) => {
    const response = await fetch(`http://${host}:${port}${path}`);
    return [response.status, await response.text()] as const;
  };
  expect(await page('127.0.0.1', lab.server.pagePort('health'), '/health')).toEqual([200, 'OK']);
  expect(await page('127.0.0.2', lab.server.pagePort('ready'), '/ready')).toEqual([200, 'OK']);
  expect((await page('127.0.0.2', lab.server.pagePort('ready'), '/other'))[0]).toBe(404);
  await overTcp(lab.port, [queryFor('kubernetes.default.svc.cluster.local.')]);
  const [, metrics] = await page('127.0.0.3', lab.server.pagePort('prometheus'), '/metrics');
  expect(metrics).toMatch(
    /coredns_dns_requests_total\{server="dns:\/\/127\.0\.0\.1:0",zone="\.",proto="tcp",family="1",type="A"\} \d+/,
  );
  expect(metrics).toMatch(/coredns_dns_responses_total\{[^}]*rcode="NXDOMAIN"\} \d+/);
  expect(metrics).toMatch(/coredns_dns_request_duration_seconds_bucket\{[^}]*le="\+Inf"\} \d+/);
  expect(metrics).toMatch(/coredns_cache_hits_total\{[^}]*type="success"\} \d+/);
  expect(metrics).toMatch(/coredns_forward_responses_total\{to="127\.0\.0\.1:\d+",rcode="NOERROR"\} \d+/);
});
