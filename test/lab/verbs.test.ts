import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { connectEngine } from '../../lab/engine/index.ts';
import { dumpLab } from '../../lab/lifecycle/index.ts';
import { hoplab, hoplabOk } from '../support/hoplab.ts';
import { SMALL } from '../support/topologies.ts';

const on = ['-n', 'small'];
let pods: string;

beforeAll(async () => {
  await hoplabOk(['up', '-t', SMALL]);
  pods = await mkdtemp(join(tmpdir(), 'hoplab-test-'));
});
afterAll(async () => {
  await hoplab(['down', ...on]);
  await rm(pods, { recursive: true });
});

describe('exec', () => {
  it("gives the command's own exit code and output", async () => {
    const ran = await hoplab(['exec', ...on, 'worker', '--', 'sh', '-c', 'echo out; echo err >&2; exit 37']);
    expect(ran).toEqual({ code: 37, stdout: 'out\n', stderr: 'err\n' });
  });

  it('passes stdin on, bytes and end of file', async () => {
    const ran = await hoplab(['exec', ...on, 'client', '--', 'wc', '-c'], { stdin: 'x'.repeat(100_000) });
    expect(ran.stdout.trim()).toBe('100000');
  });

  it('leaves options behind the target to the command', async () => {
    const { stdout } = await hoplabOk(['exec', ...on, 'worker', 'ip', '-o', 'link', 'show', 'tunl0']);
    expect(stdout).toContain('tunl0');
  });

  it('says what there is when the target does not exist', async () => {
    const ran = await hoplab(['exec', ...on, 'worker9', '--', 'true']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/no node, host or pod "worker9"[\s\S]*worker/);
  });
});

describe('capture', () => {
  it('prints packets live and stops after the count', async () => {
    const capture = hoplab(['capture', ...on, 'worker', 'eth0', '-c', '2', 'icmp'], {
      onStderr: (text) => {
        if (text.includes('listening on'))
          void hoplab(['exec', ...on, 'client', '--', 'ping', '-c', '2', '10.2.110.12']);
      },
    });
    expect((await capture).stdout).toMatch(/IP 10\.2\.0\.89 > 10\.2\.110\.12: ICMP echo request/);
  });

  it('writes pcap to a file', async () => {
    const file = join(pods, 'x.pcap');
    await hoplabOk(['capture', ...on, 'worker', 'eth0', '-c', '1', '-w', file, 'icmp'], {
      onStderr: (text) => {
        if (text.includes('listening on'))
          void hoplab(['exec', ...on, 'client', '--', 'ping', '-c', '2', '10.2.110.12']);
      },
    });
    // The pcap magic number, little endian.
    expect((await readFile(file)).readUInt32LE(0)).toBe(0xa1b2c3d4);
  });
});

describe('node stop and start', () => {
  it('is seen in status and by its exit code', async () => {
    onTestFailed(async () => void (await hoplab(['node', ...on, 'start', 'worker'])));
    await hoplabOk(['node', ...on, 'stop', 'worker']);
    const status = await hoplab(['status', ...on]);
    expect(status.code).toBe(1);
    expect(status.stdout).toMatch(/worker +exited/);
    expect((await hoplab(['exec', ...on, 'worker', '--', 'true'])).stderr).toContain('node start worker');
    await hoplabOk(['node', ...on, 'start', 'worker']);
    expect((await hoplabOk(['status', ...on])).stdout).toMatch(/worker +Ready/);
  });
});

describe('the evidence that is kept when something fails', () => {
  it('has the rules and routes of every node, and the objects and events of the API once', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'hoplab-test-'));
    try {
      const folder = await dumpLab(await connectEngine(), 'small', parent);
      const file = (...path: string[]) => readFile(join(folder, ...path), 'utf8');
      expect(await file('worker', 'iptables.txt')).toContain('KUBE-SERVICES');
      expect(await file('cp', 'api-objects.txt')).toMatch(/kube-system +pod\/coredns-.* Running /);
      expect(await file('cp', 'api-objects.yaml')).toContain('podIP: ');
      expect(await file('cp', 'api-events.txt')).toContain('NodeReady');
      await expect(file('worker', 'api-objects.txt')).rejects.toThrow('ENOENT');
    } finally {
      await rm(parent, { recursive: true });
    }
  });
});

describe('graph', () => {
  it('draws the live lab', async () => {
    const { stdout } = await hoplabOk(['graph', ...on]);
    expect(stdout).toContain('flowchart');
    expect(stdout).toMatch(/node_cp <-\.->\|"BGP"\| node_worker/);
  });
});

describe('labs beside each other', () => {
  it('refuses a lab whose addresses clash before anything is made', async () => {
    const ran = await hoplab(['up', '-t', SMALL, '-n', 'other']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/addresses of lab "other" are in use[\s\S]*10\.2\.110\.0\/24 overlaps/);
    expect((await hoplab(['status', '-n', 'other'])).stderr).toContain('there is no lab "other"');
  });

  it('refuses a bad topology before anything is made', async () => {
    const file = join(pods, 'bad.yaml');
    const text = (await readFile(SMALL, 'utf8'))
      .replace('10.97.0.0/16', '10.97.0.0/25')
      .replace('name: small', 'name: bad');
    await writeFile(file, text);
    const ran = await hoplab(['up', '-t', file]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/bad\.yaml:\d+:\d+/);
    expect((await hoplab(['status', '-n', 'bad'])).stderr).toContain('there is no lab "bad"');
  });
});
