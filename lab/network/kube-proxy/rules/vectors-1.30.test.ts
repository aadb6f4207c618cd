import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { ApiObject, EndpointSlice, Service } from '../../../api/objects/index.ts';
import { OPTIONS, rulesOf, served, service, slice } from '../render.fixture.ts';
import type { RuleSet, TableName } from './types.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../../../test/vectors/kube-proxy-1.30/${name}`, import.meta.url), 'utf8');

/** Chains with their rules in order, `iptables-save` text as the input. */
function chainsOf(text: string): Map<string, string[]> {
  const chains = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    if (line.startsWith(':')) chains.set(line.slice(1).split(' ')[0] ?? '', []);
    if (line.startsWith('-A ')) chains.get(line.split(' ')[1] ?? '')?.push(line);
  }
  return chains;
}

function rendered(rules: RuleSet, table: TableName): Map<string, string[]> {
  const chains = new Map<string, string[]>();
  for (const jump of rules.jumps.filter((jump) => jump.table === table)) {
    chains.set(jump.chain, [...(chains.get(jump.chain) ?? []), `-A ${jump.chain} ${jump.rule}`]);
  }
  for (const [name, text] of rules.tables[table]) chains.set(name, text === '' ? [] : text.split('\n'));
  return chains;
}

const objects = parseAllDocuments(read('objects.yaml')).map((document) => document.toJS() as ApiObject);
const services = objects.filter(({ kind }) => kind === 'Service') as Service[];
const slices = objects.filter(({ kind }) => kind === 'EndpointSlice') as EndpointSlice[];
const STATUS: Record<string, string> = { 'lb-cluster': '172.18.255.200', 'lb-local': '172.18.255.201' };
for (const one of services) {
  const ip = STATUS[one.metadata.name ?? ''];
  if (ip) Object.assign(one, { status: { loadBalancer: { ingress: [{ ip }] } } });
}
const KUBERNETES = service('kubernetes', {
  clusterIP: '10.96.0.1',
  ports: [{ name: 'https', port: 443, protocol: 'TCP' }],
});
const API = {
  ...slice('kubernetes', 6443, '172.18.0.2@'),
  ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
};

const rules = rulesOf('1.30', served([...services, KUBERNETES], [...slices, API], 'node1'), {
  ...OPTIONS,
  clusterCIDR: '10.244.0.0/16',
  nodeIP: '172.18.0.2',
});

it.each(['nat', 'filter'] as const)('writes what kube-proxy 1.30.3 wrote, rule for rule: %s', (table) => {
  const wanted = chainsOf(read(`${table}.rules`));
  const found = rendered(rules, table);
  expect(wanted.size).toBeGreaterThan(9);
  const unordered = new Set(['KUBE-SERVICES', 'KUBE-NODEPORTS']);
  for (const [chain, lines] of wanted) {
    const ours = found.get(chain) ?? [];
    // The real program's order of services is that of a Go map.
    if (unordered.has(chain)) expect([...ours].sort(), chain).toEqual([...lines].sort());
    else expect(ours, chain).toEqual(lines);
  }
  expect([...found.keys()].filter((chain) => !wanted.has(chain))).toEqual([]);
  if (table === 'nat') expect(found.get('KUBE-SERVICES')?.at(-1)).toBe(wanted.get('KUBE-SERVICES')?.at(-1));
});
