import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import { NAMESPACES, NETWORK_POLICIES, PODS } from '../../../api/client/index.ts';
import { PAPER_CLUSTER } from '../../../api/cluster.fixture.ts';
import { vethName } from '../../../api/veth.ts';
import { Felix } from './index.ts';

const self = PAPER_CLUSTER.nodes[2];
if (!self) throw new Error('the fixture has no third node');

interface Command {
  readonly argv: string;
  readonly input: string;
}

let api: FakeApi;
let commands: Command[];
let log: string[];
let felix: Felix;
let dir: string;
/** What the next commands do instead of succeeding. */
let failures: { readonly of: string; readonly error: Error }[];

beforeEach(() => {
  api = new FakeApi();
  commands = [];
  log = [];
  failures = [];
  dir = mkdtempSync(join(tmpdir(), 'felix-'));
  felix = new Felix({
    client: api,
    cluster: { ...PAPER_CLUSTER, kubeProxy: { ...PAPER_CLUSTER.kubeProxy, syncPeriod: 0 } },
    self,
    log: (line) => log.push(line),
    hostsFile: join(dir, 'hosts'),
    run: async (argv, input = '') => {
      commands.push({ argv: argv.join(' '), input });
      const index = failures.findIndex(({ of }) => argv[0] === of);
      const [failure] = index === -1 ? [] : failures.splice(index, 1);
      if (failure) throw failure.error;
      return '';
    },
  });
});
afterEach(async () => {
  await felix.stop();
  rmSync(dir, { recursive: true, force: true });
});

const restored = () =>
  commands.filter(({ argv }) => argv.startsWith('iptables-restore')).map(({ input }) => input);
const pod = (name: string, nodeName: string | undefined, extra: object = {}) => ({
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { containers: [{ name: 'c' }], ...(nodeName ? { nodeName } : {}), ...extra },
});

describe('start', () => {
  it('puts the guards in place before the API answers, and drops what it does not know', async () => {
    api.failNext('list', PODS, new Error('connection refused'));
    await felix.start();
    expect(restored().map((input) => input.split('\n')[0])).toEqual(['*raw', '*mangle', '*nat', '*filter']);
    expect(restored()[3]).toMatch(/-A cali-from-wl-dispatch .*Unknown interface" --jump DROP/);
    expect(readFileSync(join(dir, 'hosts'), 'utf8')).toBe('10.1.110.108\n10.1.110.102\n10.1.110.107\n');
  });

  it('makes sets before the rules that match on them', async () => {
    await felix.start();
    const argv = commands.map((command) => command.argv.split(' ').slice(0, 2).join(' '));
    expect(argv.slice(0, 3)).toEqual(['iptables-save', 'ipset save', 'ipset restore']);
  });

  it('is in sync when the pods that there are have their chains', async () => {
    await api.create(PODS, pod('a', self.nodeName));
    await felix.start();
    await felix.inSync;
    expect(restored().at(-1)).toContain(`:cali-tw-${vethName('default', 'a')} - [0:0]`);
  });
});

describe('following', () => {
  beforeEach(async () => {
    await api.create(NAMESPACES, { metadata: { name: 'default' } });
    await felix.start();
    await felix.inSync;
    commands.length = 0;
  });

  it('writes only what a new pod changes, and nothing of raw, mangle and nat', async () => {
    await api.create(PODS, pod('a', self.nodeName));
    await vi.waitFor(() => expect(restored()).toHaveLength(1));
    expect(commands.map(({ argv }) => argv)).toEqual(['iptables-restore --noflush -w 5']);
    const chains = restored()[0]?.match(/^:\S+/gm);
    expect(chains).toContain(`:cali-fw-${vethName('default', 'a')}`);
    expect(chains).not.toContain(':cali-FORWARD');
  });

  it.each([
    ['is of another node', pod('a', 'elsewhere')],
    ['is not bound yet', pod('a', undefined)],
    ['uses the network of the node', pod('a', self.nodeName, { hostNetwork: true })],
  ])('writes nothing for a pod that %s', async (_, object) => {
    await api.create(PODS, object);
    await api.create(PODS, pod('mine', self.nodeName));
    await vi.waitFor(() => expect(restored()).toHaveLength(1));
    expect(restored()[0]).not.toContain(vethName('default', 'a'));
  });

  it('takes the pods that come while it writes into one transaction', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => api.create(PODS, pod(`p${i}`, self.nodeName))));
    await vi.waitFor(() => expect(restored().join('')).toContain(vethName('default', 'p49')));
    expect(restored().length).toBeLessThan(5);
  });

  it('gives a set members as addresses come, without touching rules', async () => {
    await api.create(PODS, pod('a', self.nodeName));
    await api.create(NETWORK_POLICIES, {
      metadata: { name: 'p', namespace: 'default' },
      spec: { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'b' } } }] }] },
    });
    await api.create(PODS, pod('b', 'elsewhere'));
    await vi.waitFor(() => expect(restored().join('')).toContain(':cali-pi-'));
    commands.length = 0;
    await api.updateStatus(PODS, {
      ...pod('b', 'elsewhere'),
      status: { podIPs: [{ ip: '192.168.104.70' }] },
    });
    await vi.waitFor(() => expect(commands).toHaveLength(1));
    expect(commands[0]?.argv).toBe('ipset restore');
    expect(commands[0]?.input).toMatch(/^add -exist cali40s:\S{23} 192\.168\.104\.70\n$/);
  });

  it('reads what is there again after a failure, and says what failed', async () => {
    failures.push({ of: 'iptables-restore', error: new Error('iptables-restore: line 7 failed') });
    await api.create(PODS, pod('a', self.nodeName));
    await vi.waitFor(() => expect(commands.map(({ argv }) => argv)).toContain('iptables-save'));
    expect(log).toEqual(['error: felix: iptables-restore: line 7 failed']);
  });

  it('goes on past a policy that cannot be understood', async () => {
    const broken = { podSelector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } };
    await api.create(NETWORK_POLICIES, { metadata: { name: 'broken', namespace: 'default' }, spec: broken });
    await api.create(PODS, pod('a', self.nodeName));
    await vi.waitFor(() => expect(restored()).toHaveLength(1));
    expect(log).toEqual([
      'felix: default/broken cannot be understood: "Near" is not a valid label selector operator',
    ]);
  });
});
