import { describe, expect, test } from 'vitest';
import { queryFor } from '../testing/fake-dns.ts';
import { CLASS, encodeMessage, type Message, rcodeName, recordText, TYPE } from '../wire/index.ts';
import { answer, type Zone } from './answer.ts';
import { clusterData, namespace, PAPER_OBJECTS, service } from './fixture.ts';
import type { ZoneOptions } from './zone-options.ts';

const OPTIONS: ZoneOptions = {
  zones: ['cluster.local.', 'in-addr.arpa.', 'ip6.arpa.'],
  pods: 'insecure',
  fallthrough: ['in-addr.arpa.', 'ip6.arpa.'],
  ttl: 30,
  endpointPodNames: false,
  namespaces: [],
};

const zone = (options: Partial<ZoneOptions> = {}, objects = PAPER_OBJECTS): Zone => ({
  options: { ...OPTIONS, ...options },
  data: clusterData(objects),
  localAddresses: ['192.168.8.207'],
  serial: 1_605_867_194,
});

const ask = (name: string, type: keyof typeof TYPE, at = zone()) =>
  answer({ name, type: TYPE[type], class: CLASS.IN }, at);

/** `NOERROR: record, record`, or `fallthrough`. */
function told(name: string, type: keyof typeof TYPE, at = zone()): string {
  const found = ask(name, type, at);
  if (!found) return 'fallthrough';
  const records = found.answers.map((record) => recordText(record).replace(`${name} `, ''));
  const soa = found.authority.length > 0 ? ' +SOA' : '';
  return `${rcodeName(found.rcode)} ${records.join(', ')}`.trim() + soa;
}

const NODATA = 'NOERROR +SOA';
const NXDOMAIN = 'NXDOMAIN +SOA';

describe('names of the specification', () => {
  test.each<[string, keyof typeof TYPE, string]>([
    // Services with a cluster IP.
    ['wordpress-db.default.svc.cluster.local.', 'A', 'NOERROR 30 IN A 10.96.23.229'],
    ['wordpress-db.default.svc.cluster.local.', 'AAAA', NODATA],
    ['wordpress-db.default.svc.cluster.local.', 'TXT', NODATA],
    ['wordpress-db.default.svc.cluster.local.', 'MX', NODATA],
    ['wordpress-db.default.svc.cluster.local.', 'ANY', NODATA],
    ['wordpress-db.default.svc.cluster.local.', 'CNAME', NODATA],
    ['wordpress-db.default.svc.cluster.local.', 'AXFR', 'REFUSED'],
    ['WordPress-DB.Default.SVC.Cluster.Local.', 'A', 'NOERROR 30 IN A 10.96.23.229'],
    ['dual.default.svc.cluster.local.', 'AAAA', 'NOERROR 30 IN AAAA fd00:96::7'],
    ['dual.default.svc.cluster.local.', 'A', 'NOERROR 30 IN A 10.96.7.7'],
    // Named ports; unnamed ones have no name of their own.
    [
      '_https._tcp.kubernetes.default.svc.cluster.local.',
      'SRV',
      'NOERROR 30 IN SRV 0 100 443 kubernetes.default.svc.cluster.local.',
    ],
    ['_https._tcp.kubernetes.default.svc.cluster.local.', 'A', 'NOERROR 30 IN A 10.96.0.1'],
    ['_https._udp.kubernetes.default.svc.cluster.local.', 'SRV', NXDOMAIN],
    ['_mysql._tcp.wordpress-db.default.svc.cluster.local.', 'SRV', NXDOMAIN],
    ['_tcp.kubernetes.default.svc.cluster.local.', 'SRV', NODATA],
    ['_udp.kubernetes.default.svc.cluster.local.', 'SRV', NXDOMAIN],
    // As the slides of seed 002 write it.
    [
      'https.tcp.kubernetes.default.svc.cluster.local.',
      'SRV',
      'NOERROR 30 IN SRV 0 100 443 kubernetes.default.svc.cluster.local.',
    ],
    // Headless: ready endpoints, by hostname or dashed address.
    ['peers.default.svc.cluster.local.', 'A', 'NOERROR 30 IN A 192.168.8.201, 30 IN A 192.168.104.70'],
    ['peer-0.peers.default.svc.cluster.local.', 'A', 'NOERROR 30 IN A 192.168.8.201'],
    ['192-168-104-70.peers.default.svc.cluster.local.', 'A', 'NOERROR 30 IN A 192.168.104.70'],
    ['192-168-104-71.peers.default.svc.cluster.local.', 'A', NXDOMAIN],
    ['192-168-8-201.peers.default.svc.cluster.local.', 'A', NXDOMAIN],
    ['peer-0.peers.default.svc.cluster.local.', 'AAAA', NODATA],
    [
      '_redis._tcp.peers.default.svc.cluster.local.',
      'SRV',
      'NOERROR 30 IN SRV 0 50 6379 peer-0.peers.default.svc.cluster.local., ' +
        '30 IN SRV 0 50 6379 192-168-104-70.peers.default.svc.cluster.local.',
    ],
    ['early.default.svc.cluster.local.', 'A', 'NOERROR 30 IN A 192.168.8.210'],
    ['first.early.default.svc.cluster.local.', 'A', 'NOERROR 30 IN A 192.168.8.210'],
    ['early.default.svc.cluster.local.', 'SRV', NODATA],
    ['nobody.default.svc.cluster.local.', 'A', NXDOMAIN],
    // Endpoints of an ordinary service by address, as seed 002 says.
    ['192-168-8-204.wordpress-db.default.svc.cluster.local.', 'A', 'NOERROR 30 IN A 192.168.8.204'],
    // ExternalName.
    ['outside.default.svc.cluster.local.', 'A', 'NOERROR 30 IN CNAME www.example.com.'],
    ['outside.default.svc.cluster.local.', 'CNAME', 'NOERROR 30 IN CNAME www.example.com.'],
    ['outside.default.svc.cluster.local.', 'SRV', NODATA],
    [
      'alias.default.svc.cluster.local.',
      'A',
      'NOERROR 30 IN CNAME wordpress-db.default.svc.cluster.local., ' +
        'wordpress-db.default.svc.cluster.local. 30 IN A 10.96.23.229',
    ],
    ['alias.default.svc.cluster.local.', 'AAAA', NODATA],
    ['ping.default.svc.cluster.local.', 'A', NODATA],
    ['numeric.default.svc.cluster.local.', 'A', NXDOMAIN],
    ['x.outside.default.svc.cluster.local.', 'A', NXDOMAIN],
    // Pods.
    ['192-168-8-222.default.pod.cluster.local.', 'A', 'NOERROR 30 IN A 192.168.8.222'],
    ['172-17-0-3.default.pod.cluster.local.', 'A', 'NOERROR 30 IN A 172.17.0.3'],
    ['fd00--1.default.pod.cluster.local.', 'AAAA', 'NOERROR 30 IN AAAA fd00::1'],
    ['192-168-8-222.default.pod.cluster.local.', 'AAAA', NODATA],
    ['192-168-8-222.nowhere.pod.cluster.local.', 'A', NXDOMAIN],
    ['192-168-8-256.default.pod.cluster.local.', 'A', NXDOMAIN],
    ['frontend.default.pod.cluster.local.', 'A', NXDOMAIN],
    ['x.192-168-8-222.default.pod.cluster.local.', 'A', NXDOMAIN],
    // Names that exist because others lie below them.
    ['cluster.local.', 'A', NODATA],
    ['svc.cluster.local.', 'A', NODATA],
    ['pod.cluster.local.', 'A', NODATA],
    ['default.svc.cluster.local.', 'A', NODATA],
    ['empty.svc.cluster.local.', 'A', NODATA],
    ['default.pod.cluster.local.', 'A', NODATA],
    ['nowhere.svc.cluster.local.', 'A', NXDOMAIN],
    ['dns.cluster.local.', 'A', NODATA],
    // The zone's own records.
    ['dns-version.cluster.local.', 'TXT', 'NOERROR 28800 IN TXT "1.1.0"'],
    ['dns-version.cluster.local.', 'A', NODATA],
    ['ns.dns.cluster.local.', 'A', 'NOERROR 30 IN A 10.96.0.10'],
    ['cluster.local.', 'NS', 'NOERROR 30 IN NS kube-dns.kube-system.svc.cluster.local.'],
    [
      'cluster.local.',
      'SOA',
      'NOERROR 30 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 1605867194 7200 1800 86400 30',
    ],
    // Unknown ones; wildcards are labels like any other since CoreDNS 1.9.
    ['www.example.com.cluster.local.', 'A', NXDOMAIN],
    ['nothere.default.svc.cluster.local.', 'A', NXDOMAIN],
    ['a.b.c.kubernetes.default.svc.cluster.local.', 'A', NXDOMAIN],
    ['*.default.svc.cluster.local.', 'A', NXDOMAIN],
    ['any.any.svc.cluster.local.', 'A', NXDOMAIN],
    // Reverse.
    ['10.0.96.10.in-addr.arpa.', 'PTR', 'NOERROR 30 IN PTR kube-dns.kube-system.svc.cluster.local.'],
    ['10.0.96.10.in-addr.arpa.', 'A', NODATA],
    ['201.8.168.192.in-addr.arpa.', 'PTR', 'NOERROR 30 IN PTR peer-0.peers.default.svc.cluster.local.'],
    [
      '70.104.168.192.in-addr.arpa.',
      'PTR',
      'NOERROR 30 IN PTR 192-168-104-70.peers.default.svc.cluster.local.',
    ],
    ['204.8.168.192.in-addr.arpa.', 'PTR', 'fallthrough'],
    ['71.104.168.192.in-addr.arpa.', 'PTR', 'fallthrough'],
    ['53.0.1.10.in-addr.arpa.', 'PTR', 'fallthrough'],
    ['010.0.96.10.in-addr.arpa.', 'PTR', 'fallthrough'],
    [
      '7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa.',
      'PTR',
      'NOERROR 30 IN PTR dual.default.svc.cluster.local.',
    ],
    // Others'.
    ['www.example.com.', 'A', 'fallthrough'],
    ['notcluster.local.', 'A', 'fallthrough'],
  ])('%s %s', (name, type, expected) => {
    expect(told(name, type)).toBe(expected);
  });
});

test('every A answer carries the letters of the question', () => {
  expect(ask('WordPress-DB.default.svc.CLUSTER.local.', 'A')?.answers[0]?.name).toBe(
    'WordPress-DB.default.svc.CLUSTER.local.',
  );
  expect(ask('X.default.svc.CLUSTER.local.', 'A')?.authority[0]?.name).toBe('CLUSTER.local.');
});

test('SRV records bring the addresses of their targets', () => {
  expect(ask('_redis._tcp.peers.default.svc.cluster.local.', 'SRV')?.additional.map(recordText)).toEqual([
    'peer-0.peers.default.svc.cluster.local. 30 IN A 192.168.8.201',
    '192-168-104-70.peers.default.svc.cluster.local. 30 IN A 192.168.104.70',
  ]);
});

test('the name server is the service whose endpoint the server is, else ns.dns with its own address', () => {
  expect(ask('cluster.local.', 'NS')?.additional.map(recordText)).toEqual([
    'kube-dns.kube-system.svc.cluster.local. 30 IN A 10.96.0.10',
  ]);
  const stranger = { ...zone(), localAddresses: ['192.168.1.1'] };
  expect(told('cluster.local.', 'NS', stranger)).toBe('NOERROR 30 IN NS ns.dns.cluster.local.');
  expect(told('ns.dns.cluster.local.', 'A', stranger)).toBe('NOERROR 30 IN A 192.168.1.1');
});

test('an ExternalName outside of the cluster is to be followed', () => {
  expect(ask('outside.default.svc.cluster.local.', 'A')?.follow).toBe('www.example.com.');
  expect(ask('outside.default.svc.cluster.local.', 'TXT')?.follow).toBe('www.example.com.');
  expect(ask('outside.default.svc.cluster.local.', 'CNAME')?.follow).toBeUndefined();
});

test('pods disabled knows none, verified those of the namespace', () => {
  const name = '192-168-8-222.default.pod.cluster.local.';
  expect(told(name, 'A', zone({ pods: 'disabled' }))).toBe(NXDOMAIN);
  expect(told(name, 'A', zone({ pods: 'verified' }))).toBe('NOERROR 30 IN A 192.168.8.222');
  expect(told('192-168-8-222.kube-system.pod.cluster.local.', 'A', zone({ pods: 'verified' }))).toBe(
    NXDOMAIN,
  );
  expect(told('192-168-8-223.default.pod.cluster.local.', 'A', zone({ pods: 'verified' }))).toBe(NXDOMAIN);
});

test('endpoint_pod_names names endpoints by their pods', () => {
  const named = zone({ endpointPodNames: true });
  expect(told('other.peers.default.svc.cluster.local.', 'A', named)).toBe('NOERROR 30 IN A 192.168.104.70');
  expect(told('192-168-104-70.peers.default.svc.cluster.local.', 'A', named)).toBe(NXDOMAIN);
});

test('namespaces limits what is exposed, and fallthrough hands the rest on', () => {
  const limited = zone({ namespaces: ['kube-system'] });
  expect(told('kubernetes.default.svc.cluster.local.', 'A', limited)).toBe(NXDOMAIN);
  expect(told('1.0.96.10.in-addr.arpa.', 'PTR', limited)).toBe('fallthrough');
  expect(told('kube-dns.kube-system.svc.cluster.local.', 'A', limited)).toBe('NOERROR 30 IN A 10.96.0.10');
  expect(told('x.default.svc.cluster.local.', 'A', zone({ fallthrough: ['.'] }))).toBe('fallthrough');
  expect(told('svc.cluster.local.', 'A', zone({ fallthrough: ['.'] }))).toBe(NODATA);
});

test('SRV weights share 100 and are 1 at least', () => {
  const ports = Array.from({ length: 150 }, (_, index) => ({ name: `p${index}`, port: index + 1 }));
  const objects = {
    ...PAPER_OBJECTS,
    namespaces: [namespace('default')],
    services: [service('many', { clusterIP: '10.96.1.1', ports })],
  };
  const found = ask('many.default.svc.cluster.local.', 'SRV', zone({}, objects));
  expect(found?.answers).toHaveLength(150);
  expect(found?.answers[0] && recordText(found.answers[0])).toContain('SRV 0 1 1 ');
});

describe('message sizes of Figure 96', () => {
  const size = (name: string, type: keyof typeof TYPE) => {
    const question = { name, type: TYPE[type], class: CLASS.IN };
    const found = answer(question, zone());
    const query = queryFor(name, type);
    const response: Message = { ...query, response: true, authoritative: true, ...found };
    return [encodeMessage(query, 512).length, encodeMessage(response, 512).length];
  };
  test.each<[string, keyof typeof TYPE, number, number]>([
    ['wordpress-db.default.svc.cluster.local.', 'A', 56, 110],
    ['wordpress-db.default.svc.cluster.local.', 'AAAA', 56, 149],
    ['10.0.96.10.in-addr.arpa.', 'PTR', 41, 116],
  ])('%s %s', (name, type, query, response) => {
    expect(size(name, type)).toEqual([query, response]);
  });
});
