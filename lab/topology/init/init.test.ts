import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rounds, SEED } from '../../testing/index.ts';
import { parseTopology } from '../parse.ts';
import { type InitOptions, initCommand } from './command.ts';
import { planOf } from './plan.ts';
import { answerFaults, completeAnswers, INIT_QUESTIONS } from './questions.ts';
import { renderTopology } from './render.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoplab-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `lab init` with what is typed, one answer per question that is asked; undefined is no terminal. */
async function run(options: InitOptions, typed?: string): Promise<{ file: string; shown: string }> {
  const input = Object.assign(new PassThrough(), typed === undefined ? {} : { isTTY: true });
  const output = new PassThrough();
  let shown = '';
  const answers = (typed ?? '').split('\n');
  output.on('data', (chunk: Buffer) => {
    shown += chunk;
    // One line for each prompt: readline drops what comes before it asks.
    if (/\] $/.test(String(chunk))) {
      const next = answers.shift();
      if (next === undefined) input.end();
      else input.write(`${next}\n`);
    }
  });
  const file = await initCommand(options, { input, output, cwd: folder });
  return { file, shown };
}

describe('questions', () => {
  test("are the wizard's, in its order, with its defaults", () => {
    const defaults = completeAnswers({});
    expect(
      INIT_QUESTIONS.map(({ flag, step, label, key }) => [step.slice(0, 6), label, flag, defaults[key]]),
    ).toEqual([
      ['Step 1', 'Cluster name', '--name', 'my-lab'],
      ['Step 2', 'IP pool', '--load-balancer-ip-pool', '10.1.110.0/24'],
      ['Step 2', 'Load balancer count', '--load-balancer-count', '3'],
      ['Step 2', 'DNS server', '--dns-server', '10.1.0.53'],
      ['Step 2', 'DNS suffix', '--dns-suffix', 'lab.example'],
      ['Step 2', 'Pod network CIDR', '--pod-network-cidr', '192.168.0.0/16'],
      ['Step 2', 'Service network CIDR', '--service-network-cidr', '10.96.0.0/16'],
      ['Step 3', 'IP pool', '--control-plane-ip-pool', '10.1.110.0/24'],
      ['Step 3', 'Interface', '--interface', 'ens192'],
      ['Step 4', 'IP pool', '--worker-ip-pool', '10.1.110.0/24'],
      ['Step 4', 'Worker node count', '--worker-count', '2'],
    ]);
  });

  test.each([
    ['serviceNetworkCidr', '10.96.0.0/25', 'too small'],
    ['podNetworkCidr', '10.1.0.0/16', 'overlaps the IP pool of step 2'],
    ['loadBalancerCount', 'three', 'three is not a whole number'],
    ['loadBalancerCount', '253', 'has room for 252'],
    ['workerCount', '-1', 'too small'],
    ['workerIpPool', '10.1.110.0/25', 'overlaps the IP pool of step 2'],
    ['dnsServer', '10.1.0.53, nowhere', 'nowhere is not an address'],
    ['interface', 'tunl0', 'reserved'],
    ['name', 'My Lab', 'not a valid name'],
  ] as const)('%s %s is refused', (key, text, message) => {
    const faults = answerFaults({ ...completeAnswers({}), [key]: text });
    expect(faults.map(({ fault }) => fault.message).join('\n')).toContain(message);
  });

  test('64 pod addresses for each node', () => {
    const answers = (podNetworkCidr: string, workerCount: string) =>
      answerFaults(completeAnswers({ podNetworkCidr, workerCount }));
    expect(answers('192.168.0.0/24', '3')).toEqual([]);
    expect(answers('192.168.0.0/24', '4').map(({ fault }) => fault.right)).toEqual([
      '3 workers or fewer, or a pod network CIDR of /23',
    ]);
  });

  test('load-balancer addresses are where nodes are', () => {
    const pools = { controlPlaneIpPool: '10.7.1.0/24', workerIpPool: '10.7.2.0/24' };
    expect(answerFaults(completeAnswers(pools)).map(({ question }) => question.key)).toEqual([
      'workerIpPool',
    ]);
    expect(answerFaults(completeAnswers({ ...pools, loadBalancerIpPool: '10.7.2.0/24' }))).toEqual([]);
  });
});

describe('what is written', () => {
  const pools = ['10.1.110.0/24', '10.1.0.0/28', '172.28.0.0/16', '203.0.113.0/26', '10.0.0.0/8'];
  const pods = ['192.168.0.0/16', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/23'];
  const services = ['10.96.0.0/14', '172.31.0.0/24'];
  const counts = ['0', '1', '7'];

  test('is valid whenever the answers are', () => {
    const oneOf = rounds(7, 1);
    let combination = SEED;
    let valid = 0;
    for (const pool of pools)
      for (const other of pools)
        for (const podNetworkCidr of pods)
          for (const serviceNetworkCidr of services)
            for (const workerCount of counts)
              for (const loadBalancerCount of counts) {
                if (combination++ % oneOf !== 0) continue;
                const answers = completeAnswers({
                  loadBalancerIpPool: pool,
                  controlPlaneIpPool: other,
                  workerIpPool: pool,
                  podNetworkCidr,
                  serviceNetworkCidr,
                  workerCount,
                  loadBalancerCount,
                  name: '1',
                  dnsServer: 'none',
                });
                if (answerFaults(answers).length > 0) continue;
                valid++;
                const text = renderTopology(planOf(answers), './topology.schema.json');
                expect(parseTopology(text, 'x.yaml').problems, text).toEqual([]);
              }
    expect(valid).toBeGreaterThan(200 / oneOf);
  }, 30_000);

  test('the answers arrive', async () => {
    const { file } = await run({
      answers: {
        name: 'demo',
        workerCount: '1',
        loadBalancerCount: '2',
        interface: 'eth1',
        dnsServer: '10.1.0.53,10.1.0.54',
      },
    });
    expect(file).toBe(join(folder, 'demo.yaml'));
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S*topologies\/topology\.schema\.json\n/);
    const { topology } = parseTopology(text, file);
    expect(topology).toMatchObject({
      name: 'demo',
      cluster: {
        podCIDR: '192.168.0.0/16',
        serviceCIDR: '10.96.0.0/16',
        nodeDNS: { servers: ['10.1.0.53', '10.1.0.54'] },
        loadBalancer: { count: 2 },
      },
      hosts: {
        dns: { interface: { network: 'clients', address: '10.1.0.53' }, dns: { records: {} } },
        dns2: { interface: { address: '10.1.0.54' } },
      },
    });
    expect(topology?.nodes.map((node) => [node.name, node.interface.name])).toEqual([
      ['controlpl1', 'eth1'],
      ['worker1', 'eth1'],
    ]);
  });

  test('a file that is there is kept, unless forced', async () => {
    writeFileSync(join(folder, 'my-lab.yaml'), 'mine');
    await expect(run({})).rejects.toMatchObject({ code: 'E_EXISTS', exitCode: 2 });
    expect(readFileSync(join(folder, 'my-lab.yaml'), 'utf8')).toBe('mine');
    await run({ force: true });
    expect(readFileSync(join(folder, 'my-lab.yaml'), 'utf8')).toContain('name: my-lab');
  });

  test('a folder that is not there', async () => {
    await expect(run({ file: 'nowhere/x.yaml' })).rejects.toMatchObject({ code: 'E_WRITE' });
  });

  test('wrong flags are all named', async () => {
    const error = await run({ answers: { name: 'My Lab', serviceNetworkCidr: '10.96.0.0/25' } }).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: 'E_INIT', exitCode: 2 });
    expect(error.detail).toContain('--name');
    expect(error.detail).toContain('--service-network-cidr 10.96.0.0/25: 10.96.0.0/25 is too small');
  });
});

describe('on a terminal', () => {
  test('asks step by step, judges each answer, and takes defaults for empty ones', async () => {
    const { file, shown } = await run(
      { answers: { name: 'typed' } },
      ['', '', '', '', '', '10.96.0.0/25', '10.97.0.0/16', '', '', '', '5'].join('\n'),
    );
    expect(shown).toContain('Step 2 - Cluster Configuration');
    expect(shown).not.toContain('Cluster name');
    expect(shown).toContain('10.96.0.0/25 is too small');
    const { topology } = parseTopology(readFileSync(file, 'utf8'), file);
    expect(topology).toMatchObject({ name: 'typed', cluster: { serviceCIDR: '10.97.0.0/16' } });
    expect(topology?.nodes.length).toBe(6);
  });

  test('writes nothing when the input ends', async () => {
    await expect(run({}, 'half\n10.1.110.0/24')).rejects.toMatchObject({
      code: 'E_INTERRUPTED',
      exitCode: 130,
    });
  });
});
