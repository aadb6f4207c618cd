import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { ApiNode } from './api-node.ts';
import { TEST_PREFIX } from './node-container.ts';

// Sidecars (KEP-753) from the API to the processes: the kubelet, the lab's API server and the real kubectl.
const node = new ApiNode(`${TEST_PREFIX}-sidecars`);

const CONFLIST = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'lab',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: '10.88.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
  ],
});

/** Where containers write what they do, one directory per pod of the node's own. */
const NOTES = '/srv/notes';
const notes = async (pod: string) => (await node.out(`cat ${NOTES}/${pod}`)).split('\n');

/** A container that notes its start and its end, and runs until it is told to end. */
const noting = (name: string, pod: string, end = '', fields = '') => `
  - name: ${name}
    image: hoplab/node
    volumeMounts: [{name: notes, mountPath: /notes}]
    command:
    - sh
    - -c
    - |
      trap '${end} echo end ${name} >> /notes/${pod}; exit 0' TERM
      echo start ${name} >> /notes/${pod}; echo ${name} is here
      while :; do sleep 0.05; done${fields}`;
const SIDECAR = '\n    restartPolicy: Always';

const pod = (name: string, inits: string, containers: string, spec = '  terminationGracePeriodSeconds: 10') =>
  `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  nodeName: controlpl1
${spec}
  volumes: [{name: notes, hostPath: {path: ${NOTES}, type: DirectoryOrCreate}}]
  initContainers:${inits}
  containers:${containers}
`;

const status = (name: string, path: string) =>
  node.kubectl(`get pod ${name} -o jsonpath='{.status.${path}}'`);
const wait = (name: string, condition: string) =>
  node.kubectl(`wait pod/${name} --for=${condition} --timeout=15s`, 2);
/** READY, STATUS and RESTARTS as kubectl shows them. */
const row = async (name: string) => {
  const [, ready, ...rest] = (await node.kubectl(`get pod ${name} --no-headers`)).split(/ {2,}/);
  return [ready, ...rest.slice(0, 2)].join(' ');
};
const remove = (...names: string[]) => node.kubectl(`delete pod ${names.join(' ')} --wait --timeout=20s`);

/** Makes a pod; of one that an earlier try made nothing is left, nor of its notes. */
async function make(name: string, manifest: string): Promise<void> {
  await node.kubectl(`delete pod ${name} --ignore-not-found --wait --timeout=20s`);
  await node.out(`rm -rf ${NOTES}/*`);
  await node.apply(manifest);
}

beforeAll(() => node.startCluster(CONFLIST));
afterAll(() => node.destroy());

describe('a pod with an init container, two sidecars and a main container', () => {
  const probe = `
    startupProbe: {exec: {command: [test, -e, /notes/go]}, periodSeconds: 1, failureThreshold: 60}
    lifecycle: {preStop: {exec: {command: [sh, -c, "echo hook >> /notes/order"]}}}`;
  const init = `
  - name: init
    image: hoplab/node
    volumeMounts: [{name: notes, mountPath: /notes}]
    command: [sh, -c, "sleep 0.2; echo done init >> /notes/order"]`;
  const sidecars =
    noting('first', 'order', '', SIDECAR) + noting('second', 'order', 'sleep 0.2;', SIDECAR + probe);
  const order = pod('order', init + sidecars, noting('main', 'order', 'sleep 0.4;'));
  let main = '';
  /** The pod as the first test leaves it, for another try of a test that has used it up. */
  async function renew(): Promise<void> {
    await make('order', order);
    await node.out(`mkdir -p ${NOTES}; touch ${NOTES}/go`);
    await wait('order', 'condition=Ready');
    main = await status('order', 'containerStatuses[0].containerID');
  }

  it('starts them in order, each when the one before has started', async () => {
    await make('order', order);
    await expect.poll(() => row('order'), { timeout: 10_000 }).toBe('1/3 Init:2/3 0');
    expect(await status('order', 'conditions[?(@.type=="Initialized")].message')).toBe(
      'containers with incomplete status: [second]',
    );
    const poll = { timeout: 10_000 };
    await expect.poll(() => node.kubectl('logs order -c second'), poll).toBe('second is here');
    await expect.poll(() => notes('order'), poll).toEqual(['done init', 'start first', 'start second']);

    await node.kubectl('exec order -c second -- touch /notes/go');
    await wait('order', 'condition=Ready');
    expect(await row('order')).toBe('3/3 Running 0');
    await expect.poll(async () => (await notes('order')).at(-1), poll).toBe('start main');
    main = await status('order', 'containerStatuses[0].containerID');
  });

  it('restarts a sidecar that ended, and nothing else', async () => {
    onTestFailed(renew);
    await node.out('kill -9 $(nodectl pid order -c first)');
    await expect
      .poll(() => status('order', 'initContainerStatuses[1].restartCount'), { timeout: 10_000 })
      .toBe('1');
    await wait('order', 'condition=Ready');
    expect(await row('order')).toMatch(/^3\/3 Running 1 \(\d+s ago\)$/);
    expect(await status('order', 'initContainerStatuses[1].lastState.terminated.exitCode')).toBe('137');
    expect(await status('order', 'containerStatuses[0].containerID')).toBe(main);
    // The second time soon after, it is held back. printPod counts nothing that comes after it among the init containers.
    await node.out('kill -9 $(nodectl pid order -c first)');
    await expect.poll(() => row('order'), { timeout: 5000 }).toMatch(/^1\/3 Init:CrashLoopBackOff 1 /);
    expect(await status('order', 'phase')).toBe('Running');
    await expect
      .poll(() => status('order', 'initContainerStatuses[1].restartCount'), { timeout: 15_000 })
      .toBe('2');
    await wait('order', 'condition=Ready');
  });

  it('keeps all of them when the kubelet starts anew', async () => {
    const ids = () =>
      Promise.all(
        ['initContainerStatuses', 'containerStatuses'].map((list) =>
          status('order', `${list}[*].containerID`),
        ),
      );
    const before = await ids();
    await node.out(`rm /run/kubelet/status.json; kill -9 $(pgrep -f '^node .*/usr/local/bin/kubelet')`);
    await node.until('pod("order").initContainerStatuses.slice(1).every((s) => s.ready)');
    await wait('order', 'condition=Ready');
    expect(await ids()).toEqual(before);
    expect(await node.kubectl('exec order -c second -- echo alive', 20)).toBe('alive');
  });

  it('ends the main container first, then the sidecars in reverse, whose hooks ran at once', async () => {
    onTestFailed(renew);
    await node.out(`truncate -s 0 ${NOTES}/order`);
    await remove('order');
    expect(await notes('order')).toEqual(['hook', 'end main', 'end second', 'end first']);
  });
});

describe('a pod that is deleted', () => {
  it('gives its sidecars two seconds when the main container has used up all', async () => {
    const stubborn = `
  - {name: main, image: hoplab/node, command: [sh, -c, "trap '' TERM; while :; do sleep 0.05; done"]}`;
    const side = noting('side', 'late', 'sleep 1;', SIDECAR);
    await make('late', pod('late', side, stubborn, '  terminationGracePeriodSeconds: 1'));
    await wait('late', 'condition=Ready');
    const began = Date.now();
    await remove('late');
    expect(Date.now() - began).toBeGreaterThan(1900);
    expect(await notes('late')).toEqual(['start side', 'end side']);
  });
});

describe('a pod that never restarts', () => {
  const NEVER = '  restartPolicy: Never\n  terminationGracePeriodSeconds: 10';

  it('has succeeded with its main container, and then ends its sidecars', async () => {
    const main =
      '\n  - {name: main, image: hoplab/node, command: [sh, -c, "until [ -e /notes/end ]; do sleep 0.05; done"], volumeMounts: [{name: notes, mountPath: /notes}]}';
    const brief = `
  - name: brief
    image: hoplab/node
    command: [sleep, "1"]${SIDECAR}`;
    await make('job', pod('job', noting('side', 'job', '', SIDECAR) + brief, main, NEVER));
    // The one that ends is restarted nevertheless.
    await expect
      .poll(() => status('job', 'initContainerStatuses[1].restartCount'), { timeout: 10_000 })
      .toBe('1');
    expect(await status('job', 'containerStatuses[0].state.running.startedAt')).not.toBe('');
    await node.out(`touch ${NOTES}/end`);
    await wait('job', 'jsonpath={.status.phase}=Succeeded');
    expect(await notes('job')).toEqual(['start side', 'end side']);
    expect(await row('job')).toMatch(/^0\/3 Completed [12] /);
    expect(await status('job', 'initContainerStatuses[*].state.terminated.reason')).toBe(
      'Completed Completed',
    );
    expect(await node.kubectl('logs job -c side')).toBe('side is here');
    await remove('job');
  });

  it('has failed with an init container that comes after a sidecar', async () => {
    const fails = '\n  - {name: fails, image: hoplab/node, command: [sh, -c, "exit 3"]}';
    const main = '\n  - {name: main, image: hoplab/node, command: [sleep, infinity]}';
    await make('fails', pod('fails', noting('side', 'fails', '', SIDECAR) + fails, main, NEVER));
    await wait('fails', 'jsonpath={.status.phase}=Failed');
    await expect.poll(() => notes('fails'), { timeout: 10_000 }).toEqual(['start side', 'end side']);
    expect(await row('fails')).toBe('0/2 Init:Error 0');
    await remove('fails');
  });
});
