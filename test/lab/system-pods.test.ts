import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hoplab, hoplabOk } from '../support/hoplab.ts';
import { SMALL } from '../support/topologies.ts';

// A lab of its own: its control plane is taken apart here.
const LAB = ['-n', 'system-pods'];
const kubectl = async (...argv: string[]) => (await hoplabOk([...LAB, 'kubectl', ...argv])).stdout.trim();
const on = async (target: string, script: string) =>
  (await hoplabOk([...LAB, 'exec', target, '--', 'sh', '-c', script])).stdout.trim();

const PODS = ['near', 'far']
  .map(
    (name) => `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  nodeName: ${name === 'near' ? 'worker' : 'cp'}
  containers: [{ name: c, image: toolbox, command: [sleep, infinity] }]
`,
  )
  .join('---\n');

interface SystemPod {
  readonly uid: string;
  readonly restarts: number;
  readonly ready: boolean;
}

/** The one pod of a name, or of a name's beginning, in kube-system. */
async function systemPod(name: string, node: string): Promise<SystemPod | undefined> {
  const { code, stdout } = await hoplab([
    ...LAB,
    'kubectl',
    '-n',
    'kube-system',
    'get',
    'pods',
    '-o',
    'json',
  ]);
  // The API server may be one of the pods that are away.
  if (code !== 0) return undefined;
  const found = (JSON.parse(stdout).items as PodJson[]).filter(
    ({ metadata, spec }) => metadata.name.startsWith(name) && spec.nodeName === node,
  );
  const [pod] = found;
  if (pod === undefined || found.length > 1 || pod.metadata.deletionTimestamp) return undefined;
  const [container] = pod.status.containerStatuses ?? [];
  const ready = pod.status.phase === 'Running' && container?.ready === true;
  return { uid: pod.metadata.uid, restarts: container?.restartCount ?? 0, ready };
}

interface PodJson {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
  status: { phase: string; containerStatuses?: { ready: boolean; restartCount: number }[] };
}

/** Looks until the pod is as wanted; every look is a kubectl of its own, which is pause enough. */
async function podBecomes(
  name: string,
  node: string,
  wanted: (pod: SystemPod) => boolean,
): Promise<SystemPod> {
  const deadline = Date.now() + 60_000;
  for (let last: SystemPod | undefined; ; ) {
    last = await systemPod(name, node);
    if (last && wanted(last)) return last;
    if (Date.now() > deadline) throw new Error(`${name} on ${node}: ${JSON.stringify(last)}`);
  }
}

/**
 * Pings from a pod of the worker to one of the control plane while something happens.
 * @returns how many were sent, and the numbers of those without an answer; the last may still be under way
 */
async function pingWhile(what: () => Promise<void>): Promise<{ sent: number; lost: number[] }> {
  const address = await kubectl('get', 'pod', 'far', '-o', 'jsonpath={.status.podIP}');
  // Through the kubelet's runtime: kubectl exec would lose its stream with the API server.
  const inPod = (script: string) => on('near', script);
  await inPod(`ping -i 0.02 ${address} >/tmp/ping 2>&1 & echo $! >/tmp/pid`);
  await what();
  const said = await inPod(
    'kill -INT $(cat /tmp/pid); until grep -q transmitted /tmp/ping; do sleep 0.05; done; cat /tmp/ping',
  );
  const sent = Number(/(\d+) packets transmitted/.exec(said)?.[1]);
  const answered = new Set([...said.matchAll(/ icmp_seq=(\d+) ttl=/g)].map(([, number]) => Number(number)));
  const all = Array.from({ length: sent - 1 }, (_, index) => index + 1);
  return { sent, lost: all.filter((number) => !answered.has(number)) };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-test-'));
  // small.yaml on ranges of its own.
  const text = (await readFile(SMALL, 'utf8'))
    .replaceAll('10.2.', '10.5.')
    .replaceAll('198.51.100.', '198.18.1.');
  const topology = join(folder, 'small.yaml');
  await writeFile(topology, text);
  await hoplab([...LAB, 'down']);
  await hoplabOk([...LAB, 'up', '-t', topology]);
  await hoplabOk(['load-image', 'toolbox']);
  await hoplabOk([...LAB, 'kubectl', 'apply', '-f', '-'], { stdin: PODS });
  await kubectl('wait', '--for=condition=Ready', 'pod/near', 'pod/far', '--timeout=60s');
});
afterAll(async () => {
  await hoplab([...LAB, 'down']);
  await rm(folder, { recursive: true });
});

type Place = readonly [name: string, node: string];
const STATIC: readonly Place[] = [
  ['kube-apiserver', 'cp'],
  ['kube-controller-manager', 'cp'],
  ['kube-scheduler', 'cp'],
];

describe('a system pod that is deleted', () => {
  it.each([['calico-node', 'worker'], ['calico-node', 'cp'], ...STATIC] as Place[])(
    'comes again while packets flow: %s on %s',
    async (name, node) => {
      const { sent, lost } = await pingWhile(async () => {
        const before = await podBecomes(name, node, ({ ready }) => ready);
        const pods = await kubectl('-n', 'kube-system', 'get', 'pods', '-o', 'wide', '--no-headers');
        const [full = ''] =
          pods
            .split('\n')
            .find((line) => line.startsWith(name) && line.includes(` ${node} `))
            ?.split(' ') ?? [];
        await kubectl('-n', 'kube-system', 'delete', 'pod', full);
        await podBecomes(name, node, ({ uid, ready }) => ready && uid !== before.uid);
      });
      expect(sent).toBeGreaterThan(10);
      expect(lost).toEqual([]);
    },
  );
});

describe('a system program that is killed', () => {
  it.each([['calico-node', 'worker'], ...STATIC] as Place[])(
    'is started again while packets flow: %s on %s',
    async (name, node) => {
      const { sent, lost } = await pingWhile(async () => {
        const before = await podBecomes(name, node, ({ ready }) => ready);
        await on(node, `kill -KILL $(pgrep -f "^/usr/bin/node.*/${name}\\.js")`);
        await podBecomes(name, node, ({ ready, restarts }) => ready && restarts > before.restarts);
      });
      expect(sent).toBeGreaterThan(10);
      expect(lost).toEqual([]);
    },
  );

  it('and the cluster works afterwards: a new pod is scheduled, runs and is reached', async () => {
    const pod =
      PODS.split('---\n')[1]
        ?.replace('name: far', 'name: late')
        .replace(/ {2}nodeName: .*\n/, '') ?? '';
    await hoplabOk([...LAB, 'kubectl', 'apply', '-f', '-'], { stdin: pod });
    await kubectl('wait', '--for=condition=Ready', 'pod/late', '--timeout=60s');
    const address = await kubectl('get', 'pod', 'late', '-o', 'jsonpath={.status.podIP}');
    expect(await on('near', `ping -c 3 -i 0.05 ${address}`)).toContain(' 0% packet loss');
  });
});
