import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectEngine, type Engine, ensureImages } from '../../lab/engine/index.ts';
import { hoplab, hoplabOk } from '../support/hoplab.ts';
import { SMALL } from '../support/topologies.ts';

const on = ['-n', 'small'];
// The image store outlives labs, so each run brings an image of its own name.
const TAG = `t${process.pid}`;
const MINE = `hoplab-test/mine:${TAG}`;
const POD = `apiVersion: v1
kind: Pod
metadata: { name: mine }
spec:
  nodeName: worker
  terminationGracePeriodSeconds: 0
  containers: [{ name: c, image: ${MINE}, command: [sleep, infinity] }]
`;

let engine: Engine;
beforeAll(async () => {
  engine = await connectEngine();
  const { debian } = await ensureImages(engine, ['debian']);
  // An image of the user's engine, as `docker build` would leave it.
  await engine.docker.getImage(debian.tag).tag({ repo: 'hoplab-test/mine', tag: TAG });
  await hoplabOk(['up', '-t', SMALL]);
});
afterAll(async () => {
  await engine.docker.getImage(MINE).remove();
  await hoplab(['down', ...on]);
});

const worker = (...argv: string[]) => hoplabOk(['exec', ...on, 'worker', '--', ...argv]);

describe('load-image', () => {
  it('is named by the message of a pod that wants an image the lab has not', async () => {
    const apply = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', 'apply', '-f', '-'];
    await hoplabOk(['exec', ...on, 'cp', '--', ...apply], { stdin: POD });
    const wait = ['nodectl', 'wait', 'pods', 'default/mine', '--timeout', '1'];
    // The kubelet may not have looked for the image yet.
    const waited = await vi.waitFor(
      async () => {
        const ran = await hoplab(['exec', ...on, 'worker', '--', ...wait]);
        expect(ran.code).toBe(4);
        expect(ran.stderr).toContain('ErrImagePull');
        return ran;
      },
      { timeout: 30_000 },
    );
    expect(waited.stderr).toContain(`lab load-image ${MINE}`);
  });

  it('brings the image into the lab, and the pod starts', async () => {
    await hoplabOk(['load-image', MINE]);
    await worker('nodectl', 'wait', 'pods', 'default/mine', '--timeout', '60');
    expect((await hoplabOk(['exec', ...on, 'mine', '--', 'cat', '/etc/debian_version'])).stdout).toMatch(
      /^1/,
    );
  });

  it('says what there is like it when the engine does not have it', async () => {
    const ran = await hoplab(['load-image', 'hoplab-test/mind:1']);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(MINE);
  });
});
