import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { printed, stop } from '../support/hoplab-process.ts';
import { kubectlIn, webDeployment } from '../support/kubectl.ts';

// kubectl's verbs for what runs: pods and nodes.
const { ok: kubectl, raw, fails, apply, start, untilPrinted, onTerminal } = kubectlIn('kubectl-pods');

/** A port of this machine that nothing else has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

beforeAll(async () => {
  await apply(webDeployment());
  await kubectl('rollout status deployment/web --timeout=60s');
});

describe('pods', () => {
  it('run, wait, logs -f, exec -it, attach, top-level delete', async () => {
    // That of an earlier try.
    await kubectl('delete pod talker --ignore-not-found --now');
    const loop = 'i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done';
    const ran = await kubectl(`run talker --image=debian --restart=Never --command -- sh -c '${loop}'`);
    expect(ran).toBe('pod/talker created\n');
    await kubectl('wait pod talker --for=condition=Ready --timeout=60s');
    const followed = await untilPrinted(['logs', '-f', 'talker'], /line 5\n/);
    expect(followed).toMatch(/^line 1\n/);
    expect(await kubectl('logs talker --tail=1')).toMatch(/^line \d+\n$/);
    expect(await kubectl('logs talker --timestamps --tail=1')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z line/);
    expect(await kubectl('exec talker -- cat /etc/hostname')).toBe('talker\n');
    expect((await raw('exec talker -- false')).code).toBe(1);
    expect(await onTerminal(['exec', '-it', 'talker', '--', 'sh', '-c', 'tty; stty size'])).toMatch(
      /\/dev\/pts\/\d+/,
    );
    expect(await untilPrinted(['attach', 'talker'], /line \d+\n/)).toContain('line');
    expect(await kubectl('delete pod talker --grace-period=1')).toBe('pod "talker" deleted\n');
  });

  it('run --rm -i: a pod for one command', async () => {
    // That of an earlier try.
    await kubectl('delete pod once --ignore-not-found --now');
    const line = `run once --image=debian --restart=Never --rm -i --command -- sh -c 'cat; echo done'`;
    const ran = await raw(line, { stdin: 'in\n' });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain('in\ndone\n');
    expect(await fails('get pod once')).toContain('pods "once" not found');
  });

  it('cp in both directions', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hoplab-verbs-'));
    const pod = await kubectl("get pods -l app=web -o jsonpath='{.items[0].metadata.name}'");
    await writeFile(join(folder, 'page'), 'copied\n');
    await kubectl(`cp ${join(folder, 'page')} ${pod}:/tmp/page`);
    expect(await kubectl(`exec ${pod} -- cat /tmp/page`)).toBe('copied\n');
    await kubectl(`cp ${pod}:/etc/hostname ${join(folder, 'out')}`);
    await rm(folder, { recursive: true });
  });

  it('port-forward carries a port of this machine to a pod', async () => {
    const port = await freePort();
    const child = start(['port-forward', 'deployment/web', `${port}:80`]);
    try {
      await printed(child, new RegExp(`Forwarding from 127\\.0\\.0\\.1:${port}`));
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      expect(await answer.text()).toContain('Welcome to nginx!');
    } finally {
      await stop(child);
    }
  });
});

describe('nodes', () => {
  const NODE = 'iks-networking-example-cl-iks-networ-7ab29bc950';

  it('cordon, drain, uncordon, taint', async () => {
    // The node is as it was before, for another try and for other tests.
    onTestFailed(async () => {
      await raw(`uncordon ${NODE}`);
      await raw(`taint node ${NODE} a-`);
    });
    await kubectl('scale deployment web --replicas=4');
    await kubectl('rollout status deployment/web --timeout=60s');
    expect(await kubectl(`cordon ${NODE}`)).toBe(`node/${NODE} cordoned\n`);
    expect(await kubectl(`get node ${NODE}`)).toContain('Ready,SchedulingDisabled');
    try {
      const options = '--ignore-daemonsets --delete-emptydir-data --pod-selector=app=web --timeout=60s';
      expect(await kubectl(`drain ${NODE} ${options}`)).toContain(`node/${NODE} drained`);
      await kubectl('rollout status deployment/web --timeout=60s');
      expect(await kubectl("get pods -l app=web -o jsonpath='{.items[*].spec.nodeName}'")).not.toContain(
        NODE,
      );
    } finally {
      expect(await kubectl(`uncordon ${NODE}`)).toBe(`node/${NODE} uncordoned\n`);
    }
    expect(await kubectl(`taint node ${NODE} a=b:NoSchedule`)).toContain('tainted');
    expect(await kubectl(`taint node ${NODE} a-`)).toContain('untainted');
  });
});
