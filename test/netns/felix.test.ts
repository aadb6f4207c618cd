import { describe, expect, it } from 'vitest';
import { NETWORK_POLICIES, PODS } from '../../lab/api/client/index.ts';
import { vethName } from '../../lab/api/veth.ts';
import type { NetworkPolicy } from '../../lab/network/calico/felix/index.ts';
import { the, useWorld } from './felix-world.ts';

useWorld();

const A = 'shop/web';
const B = 'shop/db';
const C = 'other/probe';

async function threePods(): Promise<void> {
  const { world } = the;
  await world.namespace('shop', { team: 'shop' });
  await world.namespace('other', { team: 'ops' });
  await world.pod(A, { labels: { app: 'web' } });
  await world.pod(B, { labels: { app: 'db' }, ports: [{ name: 'sql', containerPort: 81 }] });
  await world.pod(C, { labels: { app: 'probe' } });
}

const policy = (name: string, spec: NetworkPolicy['spec']) =>
  the.world.create(NETWORK_POLICIES, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec,
  });

/** The table of all pairs, once it is as wanted. */
const expectPairs = async (wanted: string[], port = 80) =>
  expect(await the.world.settles(() => the.world.matrix(port), wanted)).toEqual(wanted);

const OPEN = [`${A} -> ${B} ${C}`, `${B} -> ${A} ${C}`, `${C} -> ${A} ${B}`];

describe('pods', () => {
  it('reach each other without policies, and one that Felix does not know reaches nobody', async () => {
    await threePods();
    await the.world.pod('other/stranger', { unknown: true });
    await the.world.startFelix();
    await expectPairs([...OPEN, 'other/stranger ->']);
  });

  it('have their chains before they have an address', async () => {
    const { world } = the;
    await world.namespace('shop');
    await world.startFelix();
    await world.create(PODS, {
      metadata: { namespace: 'shop', name: 'late' },
      spec: { nodeName: 'iks-networking-example-cl-iks-networ-ac625d72ba', containers: [] },
    });
    const chain = `:cali-tw-${vethName('shop', 'late')} `;
    const read = async () => world.node('iptables-save', '-t', 'filter').includes(chain);
    expect(await world.settles(read, true)).toBe(true);
  });

  it('cannot send from an address that is not theirs', async () => {
    await threePods();
    const { world } = the;
    await world.startFelix();
    world.addAddress(A, '192.168.8.250');
    expect(await world.settles(() => world.reaches(A, B), true)).toBe(true);
    expect(await world.reaches(A, B, 80, '192.168.8.250')).toBe(false);
    const dropped = world.node('iptables', '-t', 'raw', '-nvxL', 'cali-PREROUTING');
    expect(Number(/^\s*(\d+)\s+\d+ DROP .*rpfilter/m.exec(dropped)?.[1])).toBeGreaterThan(0);
  });

  it('take their chains and sets with them', async () => {
    await threePods();
    const { world } = the;
    const before = world.node('iptables-save');
    expect(before).not.toContain('cali-');
    await policy('db', {
      podSelector: {},
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
    });
    await world.startFelix();
    expect(world.node('ipset', 'list', '-n')).toMatch(/cali40s:/);
    for (const [namespace, name] of [
      ['shop', 'web'],
      ['shop', 'db'],
    ]) {
      await world.api.delete(PODS, name ?? '', namespace, { gracePeriodSeconds: 0 });
    }
    const read = async () => world.node('iptables-save').match(/^:cali-(tw|fw|pi|pri|pro)-\S+/gm);
    const probe = vethName('other', 'probe');
    const left = [
      `tw-${probe}`,
      `fw-${probe}`,
      'pri-kns.other',
      'pro-kns.other',
      'pri-ksa.other.default',
      'pro-ksa.other.default',
    ];
    const sorted = left.map((name) => `:cali-${name}`).sort();
    expect(await world.settles(async () => (await read())?.sort(), sorted)).toEqual(sorted);
    const sets = async () => /cali40s:/.test(world.node('ipset', 'list', '-n'));
    expect(await world.settles(sets, false)).toBe(false);
  });
});

describe('NetworkPolicy', () => {
  it('isolates by default deny; the node reaches its own pods all the same', async () => {
    await threePods();
    const { world } = the;
    await world.startFelix();
    await expectPairs(OPEN);
    await policy('default-deny', { podSelector: {}, policyTypes: ['Ingress'] });
    await expectPairs([`${A} -> ${C}`, `${B} -> ${C}`, `${C} ->`]);
    expect(world.node('bash', '-c', `exec 3<>/dev/tcp/${world.address(B)}/80 && echo reached`)).toBe(
      'reached\n',
    );
  });

  it('of egress holds a pod from its node too', async () => {
    await threePods();
    const { world } = the;
    await world.listenOnNode();
    await world.startFelix();
    expect(await world.settles(() => world.reaches(A, 'node'), true)).toBe(true);
    await policy('quiet', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] });
    expect(await world.settles(() => world.reaches(A, 'node'), false)).toBe(false);
    expect(await world.settles(() => world.reaches(B, 'node'), true)).toBe(true);
    expect(await world.settles(() => world.reaches('node', A), true)).toBe(true);
  });

  it('permits by label', async () => {
    await threePods();
    await the.world.startFelix();
    await policy('default-deny', { podSelector: {} });
    await policy('db', {
      podSelector: { matchLabels: { app: 'db' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
    });
    await expectPairs([`${A} -> ${B} ${C}`, `${B} -> ${C}`, `${C} ->`]);
  });

  it('permits by namespace and named port', async () => {
    await threePods();
    await the.world.startFelix();
    await policy('ops', {
      podSelector: {},
      ingress: [
        { from: [{ namespaceSelector: { matchLabels: { team: 'ops' } } }], ports: [{ port: 'sql' }] },
      ],
    });
    await expectPairs([`${A} -> ${C}`, `${B} -> ${C}`, `${C} -> ${B}`], 81);
    await expectPairs([`${A} -> ${C}`, `${B} -> ${C}`, `${C} ->`], 80);
  });

  it('permits by block with an exception, both ways', async () => {
    await threePods();
    const { world } = the;
    await world.startFelix();
    await policy('block', {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ ipBlock: { cidr: '192.168.0.0/16', except: [`${world.address(C)}/32`] } }] }],
      egress: [{ to: [{ ipBlock: { cidr: `${world.address(B)}/32` } }] }],
    });
    await expectPairs([`${A} -> ${B}`, `${B} ->`, `${C} ->`]);
  });

  it('follows labels, and goes', async () => {
    await threePods();
    const { world } = the;
    await policy('db', {
      podSelector: { matchLabels: { app: 'db' } },
      ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { access: 'yes' } } }] }],
    });
    await world.startFelix();
    await expectPairs([`${A} -> ${C}`, `${B} -> ${A} ${C}`, `${C} -> ${A}`]);
    await world.api.patch(PODS, 'probe', 'other', { metadata: { labels: { access: 'yes' } } });
    await expectPairs([`${A} -> ${C}`, `${B} -> ${A} ${C}`, `${C} -> ${A} ${B}`]);
    await world.api.delete(NETWORK_POLICIES, 'db', 'shop');
    await expectPairs(OPEN);
  });
});

describe('rules', () => {
  it("of others stay, and Felix' own come back at the refresh", async () => {
    await threePods();
    const { world } = the;
    world.node('iptables', '-N', 'MINE');
    world.node('iptables', '-A', 'MINE', '-p', 'tcp', '--dport', '9', '-j', 'DROP');
    world.node('iptables', '-A', 'FORWARD', '-j', 'MINE');
    world.node('ipset', 'create', 'mine', 'hash:ip');
    await world.startFelix(1);
    const right = world.node('iptables-save').replace(/^#.*\n|\[\d+:\d+\]/gm, '');
    expect(right).toMatch(
      /-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso".*\n-A FORWARD -j MINE\n-A FORWARD .*S93hcgKJrXEqnTfs/,
    );
    world.node('iptables', '-D', 'MINE', '1');
    world.node('iptables', '-A', 'MINE', '-p', 'tcp', '--dport', '10', '-j', 'DROP');
    world.node('iptables', '-F', 'cali-FORWARD');
    world.node('iptables', '-D', 'OUTPUT', '1');
    world.node('iptables', '-I', 'FORWARD', '-j', 'MINE');
    world.node('iptables', '-t', 'nat', '-I', 'cali-nat-outgoing', '-j', 'LOG');
    world.node('ipset', 'flush', 'cali40all-hosts-net');
    const read = async () => world.node('iptables-save').replace(/^#.*\n|\[\d+:\d+\]/gm, '');
    const wanted = right
      .replace('--dport 9 ', '--dport 10 ')
      .replace('-A FORWARD -j MINE\n', '-A FORWARD -j MINE\n-A FORWARD -j MINE\n');
    expect(await world.settles(read, wanted)).toBe(wanted);
    expect(world.node('ipset', 'list', '-n')).toContain('mine');
    expect(world.node('ipset', 'save', 'cali40all-hosts-net')).toContain('10.1.110.108');
  });

  it('stay when Felix stops, and a new Felix finds nothing to write', async () => {
    await threePods();
    const { world } = the;
    await policy('db', {
      podSelector: { matchLabels: { app: 'db' } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 80 }, { port: 'sql' }] },
      ],
    });
    await world.startFelix();
    await world.stopFelix();
    await expectPairs([`${A} -> ${B} ${C}`, `${B} -> ${A} ${C}`, `${C} -> ${A}`]);
    world.commands.length = 0;
    await world.startFelix();
    expect(world.commands.map((argv) => argv.join(' '))).toEqual(['iptables-save', 'ipset save']);
    expect(world.log).toEqual([]);
  });

  it('are not touched while a chain of theirs is used by somebody else', async () => {
    await threePods();
    const { world } = the;
    await world.startFelix();
    const chain = `cali-tw-${vethName('shop', 'web')}`;
    world.node('iptables', '-A', 'OUTPUT', '-p', 'sctp', '-j', chain);
    await world.api.delete(PODS, 'web', 'shop', { gracePeriodSeconds: 0 });
    const read = async () => world.log.filter((line) => line.includes(chain)).length;
    expect(await world.settles(read, 1)).toBe(1);
    expect(world.node('iptables-save', '-t', 'filter')).not.toContain(
      `-A cali-to-wl-dispatch -o ${vethName('shop', 'web')}`,
    );
  });
});
