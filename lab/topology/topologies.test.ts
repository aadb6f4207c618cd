import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { HoplabError } from '../errors/index.ts';
import { bridgeAddress } from './bridge.ts';
import { toClusterConfig } from './cluster-config.ts';
import { topologyJsonSchema } from './json-schema.ts';
import { loadTopology } from './load.ts';
import { parseTopology } from './parse.ts';
import type { Topology } from './topology.ts';

const folder = fileURLToPath(new URL('../../topologies/', import.meta.url));

function parsed(name: string): Topology {
  const { topology, problems } = parseTopology(readFileSync(`${folder}${name}`, 'utf8'), `${folder}${name}`);
  expect(problems).toEqual([]);
  if (!topology) throw new Error('no topology');
  return topology;
}

describe('the topologies that come with the lab', () => {
  test.each(readdirSync(folder).filter((file) => file.endsWith('.yaml')))(
    '%s has no mistakes',
    async (name) => {
      const topology = await loadTopology(`${folder}${name}`);
      expect(topology.file).toBe(`${folder}${name}`);
    },
  );

  test('the schema beside them is the one of the definition (npm run schema)', () => {
    expect(readFileSync(`${folder}topology.schema.json`, 'utf8')).toBe(topologyJsonSchema());
  });

  test('iks.yaml is the cluster of the white paper', () => {
    const iks = parsed('iks.yaml');
    expect(
      iks.nodes.map((node) => [node.name, node.interface.address, node.interface.name, node.gateway]),
    ).toEqual([
      ['controlpl1', '10.1.110.108', 'ens192', '10.1.110.254'],
      ['worker1', '10.1.110.102', 'ens192', '10.1.110.254'],
      ['worker2', '10.1.110.107', 'ens192', '10.1.110.254'],
    ]);
    expect(iks.nodes[2]?.interface.mac).toBe('00:50:56:93:1c:47');
    expect(iks.router).toMatchObject({ name: 'router', masquerade: ['internet'] });
    expect(iks.router.interfaces.map((item) => item.name)).toEqual(['nodes', 'clients', 'internet']);
    expect(iks.hosts.client).toMatchObject({
      gateway: '10.1.0.254',
      interface: { name: 'eth0', prefixLength: 24 },
    });
    expect(iks.cluster).toMatchObject({ encapsulation: 'Always', mtu: 1440, clusterDNS: '10.96.0.10' });
    expect(iks.cluster.loadBalancer.pools.map((pool) => pool.autoAssign)).toEqual([true, true]);
    expect(iks.pods.map((pod) => pod.path)).toEqual([`${folder}pods/frontend.yaml`]);
  });

  test('small.yaml gets the defaults', () => {
    const small = parsed('small.yaml');
    expect(small.cluster).toMatchObject({
      blockSize: 26,
      clusterDNS: '10.97.0.10',
      clusterDomain: 'cluster.local',
      encapsulation: 'Always',
      mtu: 1480,
      natOutgoing: true,
      strictAffinity: false,
      bgp: { asNumber: 64512, keepaliveTime: 5, holdTime: 15 },
    });
    expect(small.nodes.map((node) => [node.nodeName, node.interface.name])).toEqual([
      ['cp', 'eth0'],
      ['worker', 'eth0'],
    ]);
  });

  test('what the nodes are told', () => {
    const config = toClusterConfig(parsed('iks.yaml'));
    expect(config.lab).toBe('iks');
    expect(config.nodes[2]).toEqual({
      name: 'worker2',
      nodeName: 'iks-networking-example-cl-iks-networ-ac625d72ba',
      role: 'worker',
      address: '10.1.110.107',
      prefixLength: 24,
      interface: 'ens192',
      mac: '00:50:56:93:1c:47',
    });
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });

  test("the bridge's address is nobody else's", () => {
    const iks = parsed('iks.yaml');
    expect(bridgeAddress(iks, 'nodes')).toBe('10.1.110.253');
    expect(bridgeAddress(iks, 'clients')).toBe('10.1.0.253');
    expect(bridgeAddress(iks, 'internet')).toBe('203.0.113.254');
    expect(() => bridgeAddress(iks, 'nowhere')).toThrow(RangeError);
  });
});

describe('spellings and defaults that depend on others', () => {
  const small = readFileSync(`${folder}small.yaml`, 'utf8');
  const withCluster = (lines: string) =>
    parseTopology(small.replace('  encapsulation: ipip\n', lines), 'x.yaml').topology?.cluster;

  test.each([
    ['ipip', 'Always', 1480],
    ['ipip-cross-subnet', 'CrossSubnet', 1480],
    ['CrossSubnet', 'CrossSubnet', 1480],
    ['none', 'Never', 1500],
    ['Never', 'Never', 1500],
  ])('%s is %s with MTU %i', (word, encapsulation, mtu) => {
    expect(withCluster(`  encapsulation: ${word}\n`)).toMatchObject({ encapsulation, mtu });
  });

  test('the MTU follows the wire', () => {
    const text = small.replace('subnet: 10.2.110.0/24', 'subnet: 10.2.110.0/24, mtu: 9000');
    expect(parseTopology(text, 'x.yaml').topology?.cluster.mtu).toBe(8980);
  });

  test('hosts and pods may be left empty', () => {
    const text = small.replace(/hosts:\n(?: {2}.*\n)+/, 'hosts:\n').concat('pods:\n');
    expect(parseTopology(text, 'x.yaml')).toMatchObject({ problems: [], topology: { hosts: {}, pods: [] } });
  });

  test('anchors and merges', () => {
    const text = small
      .replace('worker: {', 'worker: &worker {')
      .replace('\ncluster:', '  worker2: { <<: *worker, address: 10.2.110.13 }\n\ncluster:');
    const { topology, problems } = parseTopology(text, 'x.yaml');
    expect(problems).toEqual([]);
    expect(topology?.nodes[2]).toMatchObject({
      name: 'worker2',
      role: 'worker',
      interface: { address: '10.2.110.13' },
    });
  });

  test('CRLF and a byte order mark', () => {
    expect(parseTopology(`\uFEFF${small.replace(/\n/g, '\r\n')}`, 'x.yaml').problems).toEqual([]);
  });
});

describe('files that are no topology', () => {
  test('all mistakes are in the error, with the exit code of a wrong file', async () => {
    const error = await loadTopology('test/errors/nowhere.yaml').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HoplabError);
    expect(error).toMatchObject({ code: 'E_TOPOLOGY', exitCode: 2 });
    expect(String((error as HoplabError).detail)).toContain(
      'test/errors/nowhere.yaml:1:1: cannot be read: no such file',
    );
  });

  test('a folder', async () => {
    await expect(loadTopology(folder)).rejects.toMatchObject({
      detail: expect.stringContaining('it is a directory'),
    });
  });

  test('more than 1 MiB is not read', () => {
    const { problems } = parseTopology('#'.repeat(1024 * 1024 + 1), 'x.yaml');
    expect(problems.map((problem) => problem.message)).toEqual(['the file has 1048577 bytes']);
  });

  test.each([500, 5000, 50_000])('nested %i deep', (depth) => {
    const { problems } = parseTopology(`a: ${'['.repeat(depth)}${']'.repeat(depth)}`, 'x.yaml');
    expect(problems.length).toBeGreaterThan(0);
  });
});
