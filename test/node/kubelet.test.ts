import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { NodeContainer, TEST_PREFIX } from './node-container.ts';

// The kubelet in a real node container: crun, conmon, overlay and Debian's stock CNI plugins.
const node = new NodeContainer(`${TEST_PREFIX}-kubelet`);

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
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

const pod = (name: string, spec: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 1
${spec}
`;
const sleeper = (name: string) =>
  pod(name, '  containers: [{name: c, image: hoplab/node, command: [sleep, infinity]}]');

/** Everything a pod leaves on a node, so that two states can be compared. */
const TRACES = `ls /run/netns 2>/dev/null; crun list -q; ls /var/lib/kubelet/pods /var/log/pods /var/lib/cni/results /run/kubelet/exits /run/kubelet/shm /run/kubelet/conmon;
  ls /var/lib/cni/networks/lab | grep '^10' ; grep -c overlay /proc/self/mountinfo; ip -o link show type veth; pgrep -l 'conmon|pause'; true`;

async function clean(): Promise<void> {
  await node.out('rm -f /etc/kubernetes/manifests/*');
  await node.until('s.pods.length === 0 && s.wanted.length === 0', 20_000);
}

beforeAll(async () => {
  await node.start();
  await node.until('s.node === "worker1"');
});

// A test that fails half-way leaves no pods to its next try.
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await clean();
});

afterAll(async () => {
  await node.destroy();
});

describe('before there is a network', () => {
  const both = `${sleeper('waits')}---\n${pod('host', '  hostNetwork: true\n  containers: [{name: c, image: hoplab/node, command: [sleep, infinity]}]')}`;

  it('starts hostNetwork pods and leaves the others pending with the reason', async () => {
    await node.manifest('both', both);
    const status = await node.until('pod("host").phase === "Running" && pod("waits").message !== ""');
    expect(status.ready).toBe(false);
    expect(status.pods).toContainEqual(
      expect.objectContaining({
        name: 'waits',
        phase: 'Pending',
        message: 'network plugin is not ready: cni config uninitialized',
      }),
    );
    const waited = await node.sh('nodectl wait ready --timeout 0.2');
    expect(waited.code).toBe(4);
    expect(waited.stderr).toContain('pod default/waits is Pending');
  });

  it('starts them when the configuration comes', async () => {
    // Another try finds pods that wait, no network, and no address given out yet.
    onTestFailed(async () => {
      await node.out('rm -rf /etc/cni/net.d/* /var/lib/cni/networks/lab');
      await node.manifest('both', both);
    });
    await node.out(
      'mkdir -p /etc/cni/net.d; cat > /etc/cni/net.d/.new; mv /etc/cni/net.d/.new /etc/cni/net.d/10-lab.conflist',
      CONFLIST,
    );
    await node.until('s.ready && pod("waits").phase === "Running" && pod("waits").podIP === "10.88.0.2"');
    expect((await node.sh('nodectl wait ready --timeout 5')).code).toBe(0);
    await clean();
  });
});

describe('pods', () => {
  it('share address, host name and volume between their containers, and see the managed files', async () => {
    const mounts = 'volumeMounts: [{name: v, mountPath: /shared}]';
    await node.manifest(
      'two',
      pod(
        'two',
        `  volumes: [{name: v, emptyDir: {}}]
  containers:
  - {name: web, image: hoplab/node, ${mounts}, command: [node, -e, "require('fs').writeFileSync('/shared/file', 'written'); require('http').createServer((q, r) => r.end('served')).listen(80)"]}
  - {name: client, image: hoplab/node, ${mounts}, command: [sleep, infinity], env: [{name: A, value: one}, {name: B, value: "$(A)-two"}]}`,
      ),
    );
    await node.until('pod("two").phase === "Running"');
    const client = (command: string) => node.out(`nodectl exec two -c client -- sh -c '${command}'`);
    expect(await client('cat /shared/file; until curl -fs localhost; do :; done')).toBe('writtenserved');
    expect(await client('hostname; echo $B')).toBe('two\none-two');
    const ip = (await node.until('pod("two").podIP')).pods.map((entry) => entry.podIP)[0];
    expect(await client('tail -1 /etc/hosts')).toBe(`${ip}\ttwo`);
    expect(await client('readlink /proc/self/ns/net /proc/self/ns/uts /proc/self/ns/ipc')).toBe(
      await node.out(
        `nodectl exec two -c web -- readlink /proc/self/ns/net /proc/self/ns/uts /proc/self/ns/ipc`,
      ),
    );
    expect(
      await node.out(
        `nsenter --net=$(nodectl netns two) hostname -I; nsenter -t $(nodectl pid two) -n ip -o -4 addr show eth0`,
      ),
    ).toContain(`inet ${ip}/24`);
    await clean();
  });

  it('run under ps as /pause, in a namespace that ip netns lists', async () => {
    await node.manifest('p', sleeper('p'));
    await node.until('pod("p").phase === "Running"');
    expect(await node.out('ps -eo args | grep -c "^/pause$"')).toBe('1');
    expect(await node.out('ip netns')).toMatch(/^cni-[0-9a-f-]{36}/);
    await clean();
  });

  it('are replaced when their manifest changes', async () => {
    await node.manifest('p', sleeper('p'));
    const before = await node.until('pod("p").phase === "Running"');
    await node.manifest('p', sleeper('p').replace('infinity', '"1000"'));
    const uid = String(before.pods[0]?.uid);
    await node.until(`pod("p").phase === "Running" && pod("p").uid !== "${uid}"`);
    expect(await node.out('nodectl exec p -- cat /proc/1/cmdline | tr "\\0" " "')).toBe('sleep 1000');
    await clean();
  });

  it('report a broken manifest with its place and run the others', async () => {
    await node.manifest(
      'bad',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: Bad_Name}\nspec: {containers: [{name: c, image: x}]}\n',
    );
    await node.manifest('good', sleeper('good'));
    await node.until('pod("good").phase === "Running" && s.pods.length === 1');
    expect(await node.docker('logs', node.name)).toBeDefined();
    const { stderr } = await import('node:child_process').then(({ spawnSync }) =>
      spawnSync('docker', ['logs', node.name], { encoding: 'utf8' }),
    );
    expect(stderr).toContain(
      '/etc/kubernetes/manifests/bad.yaml:3:18: metadata.name: must be a DNS subdomain',
    );
    await clean();
  });
});

describe('containers', () => {
  it('end in Succeeded and Failed as restartPolicy says, after their init containers', async () => {
    const run = (script: string) => `[{name: c, image: hoplab/node, command: [sh, -c, "${script}"]}]`;
    await node.manifest(
      'ends',
      [
        pod(
          'ok',
          `  restartPolicy: OnFailure\n  initContainers: [{name: i, image: hoplab/node, command: [sh, -c, "echo first"]}]\n  containers: ${run('exit 0')}`,
        ),
        pod('bad', `  restartPolicy: Never\n  containers: ${run('echo last words; exit 7')}`),
        pod('loop', `  containers: ${run('exit 1')}`),
      ].join('---\n'),
    );
    const status = await node.until(
      'pod("ok").phase === "Succeeded" && pod("bad").phase === "Failed" && pod("loop").containerStatuses[0].state.waiting.reason === "CrashLoopBackOff"',
    );
    expect(JSON.stringify(status)).toContain('"exitCode":7');
    expect(JSON.stringify(status)).toMatch(/back-off 10s restarting failed container=c pod=loop_default\(/);
    expect(await node.out('nodectl logs ok -c i; nodectl logs bad')).toBe('first\nlast words');
    await clean();
  });

  it('wait for an image with a message that says how to bring it, and start when it comes', async () => {
    // That of an earlier try.
    await node.out('rm -f /var/lib/hoplab/images/refs/shop*');
    await node.manifest('img', pod('img', '  containers: [{name: c, image: "shop:1"}]'));
    const status = await node.until(
      'pod("img").containerStatuses[0].state.waiting.reason === "ErrImagePull"',
    );
    expect(JSON.stringify(status)).toContain('lab load-image shop:1');
    await node.addImage('shop:1', { Env: ['FOO=bar'], Cmd: ['sh', '-c', 'echo $FOO; exec sleep 1000'] });
    await node.until('pod("img").phase === "Running"', 3000);
    expect(await node.out('nodectl logs img')).toBe('bar');
    await clean();
  });

  it('run as the user of the spec, who can still be reached by exec', async () => {
    await node.manifest(
      'u',
      pod(
        'u',
        '  containers: [{name: c, image: hoplab/node, securityContext: {runAsUser: 1234}, command: [sleep, infinity]}]',
      ),
    );
    await node.until('pod("u").phase === "Running"');
    expect(await node.out('nodectl exec u -- id -u')).toBe('1234');
    const failed = await node.sh('nodectl exec u -- sh -c "exit 42"');
    expect(failed.code).toBe(42);
    expect(await node.out('nodectl exec -i u -- cat', 'through stdin')).toBe('through stdin');
    await clean();
  });

  it('get SIGTERM, then SIGKILL after the grace period', async () => {
    const script = (trap: string) =>
      `[{name: c, image: hoplab/node, command: [sh, -c, "${trap}; echo ready; while :; do sleep 0.05; done"]}]`;
    await node.manifest(
      'polite',
      pod('polite', `  containers: ${script('trap \\"echo bye > /proc/1/fd/1; exit 0\\" TERM')}`),
    );
    await node.manifest('stubborn', pod('stubborn', `  containers: ${script('trap \\"\\" TERM')}`));
    await node.until('pod("polite").phase === "Running" && pod("stubborn").phase === "Running"');
    const start = Date.now();
    await clean();
    expect(Date.now() - start).toBeGreaterThan(900);
    expect(Date.now() - start).toBeLessThan(4000);
  });
});

describe('nodectl', () => {
  it('follows a log to the container’s end, and gives a terminal', async () => {
    const script = 'for i in 1 2 3; do echo line $i; sleep 0.1; done; printf unfinished';
    await node.manifest(
      'l',
      `${pod('l', `  restartPolicy: Never\n  containers: [{name: c, image: hoplab/node, command: [sh, -c, "${script}"]}]`)}---\n${sleeper('s')}`,
    );
    await node.until('pod("l").containerStatuses[0].containerID && pod("s").phase === "Running"');
    const followed = await node.out('timeout 10 nodectl logs -f l');
    expect(followed.split('\n').slice(0, 3)).toEqual(['line 1', 'line 2', 'line 3']);
    expect(followed).toContain('unfinished');
    expect(await node.out('nodectl logs --tail 1 l')).toContain('unfinished');
    // script(1) gives nodectl a terminal of its own to pass on; the command is looked up in the container's PATH.
    const terminal = async (command: string) => {
      const { code, stdout } = await node.sh(
        `TERM=screen script -qec "nodectl exec -it s -- ${command}" /dev/null`,
      );
      // script sends the end of its own empty input as a NUL, which the terminal echoes as ^@.
      return { code, text: stdout.replaceAll('\r', '').replaceAll('^@', '').trim() };
    };
    expect((await terminal('readlink /proc/self/fd/0')).text).toMatch(/^\/dev\/pts\/\d+$/);
    expect((await terminal('printenv TERM HOSTNAME')).text).toBe('screen\ns');
    expect((await terminal('false')).code).toBe(1);
    expect((await node.sh('nodectl exec nobody -- true')).stderr).toContain(
      'pod "nobody" not found on this node',
    );
    await clean();
  });
});

describe('robustness', () => {
  it('adopts what runs when the kubelet is killed', async () => {
    await node.manifest('p', sleeper('p'));
    const before = await node.until('pod("p").phase === "Running"');
    await node.out(`rm /run/kubelet/status.json; kill -9 $(pgrep -f '^node .*/usr/local/bin/kubelet')`);
    const after = await node.until('pod("p").phase === "Running"');
    for (const key of ['sandboxID', 'podIP', 'uid', 'containerStatuses']) {
      expect(after.pods[0]?.[key]).toEqual(before.pods[0]?.[key]);
    }
    // The adopted container's end is still noticed.
    await node.out('kill -9 $(nodectl pid p -c c)');
    await node.until('pod("p").phase === "Running" && pod("p").containerStatuses[0].restartCount === 1');
    await clean();
  });

  it('makes a new sandbox when the pause process dies', async () => {
    await node.manifest('p', sleeper('p'));
    const before = await node.until('pod("p").phase === "Running"');
    await node.out(`kill -9 ${before.pods[0]?.sandboxPid}`);
    await node.until(`pod("p").phase === "Running" && pod("p").sandboxID !== "${before.pods[0]?.sandboxID}"`);
    await clean();
  });

  it('brings the pods back after a restart of the node, with nothing left of the old sandboxes', async () => {
    await node.manifest('p', sleeper('p'));
    await node.until('pod("p").phase === "Running"');
    await node.docker('restart', '--time', '0', node.name);
    await node.until('pod("p").phase === "Running" && pod("p").containerStatuses[0].restartCount === 1');
    expect(
      await node.out(
        'ls /run/netns | wc -l; ls /var/lib/cni/networks/lab | grep -c "^10"; ls /var/lib/cni/results | wc -l',
      ),
    ).toBe('1\n1\n1');
    await clean();
  });

  it('tells why a sandbox could not be made, retries, and leaks nothing', async () => {
    await node.out('sed -i s/host-local/no-such-ipam/ /etc/cni/net.d/10-lab.conflist');
    try {
      await node.manifest('p', sleeper('p'));
      const status = await node.until('/failed to setup network/.test(pod("p").message)');
      expect(JSON.stringify(status)).toContain('no-such-ipam');
      expect(await node.out('ls /run/netns; crun list -q; ip -o link show master cni0')).toBe('');
    } finally {
      await node.out('sed -i s/no-such-ipam/host-local/ /etc/cni/net.d/10-lab.conflist');
    }
    await node.until('pod("p").phase === "Running"');
    await clean();
  });

  it('leaves no trace of removed pods', async () => {
    await clean();
    const before = await node.out(TRACES);
    await node.manifest('many', Array.from({ length: 8 }, (_, index) => sleeper(`p${index}`)).join('---\n'));
    await node.until('s.pods.length === 8 && s.pods.every((p) => p.phase === "Running")', 20_000);
    await clean();
    expect(await node.out(TRACES)).toBe(before);
  });
});

describe('speed', () => {
  it('tells how soon a container runs after its manifest, and has little memory of its own', async () => {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const written = await node.manifest('fast', sleeper('fast'));
      const status = await node.until('pod("fast").phase === "Running"');
      const started = JSON.stringify(status).match(/"startedAt":"([^"]+)"/)?.[1] ?? '';
      times.push(Date.parse(started) - written);
      await clean();
    }
    // Resident memory of an idle `node` is 51 MB in this image, 39 MB of it the shared pages of libnode; what the
    // kubelet is answerable for is the rest.
    const status = await node.out(`cat /proc/$(pgrep -f '^node .*/usr/local/bin/kubelet')/status`);
    const megabytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    console.log(
      `manifest to running: ${times.join(', ')} ms; kubelet: ${megabytes('VmRSS').toFixed(0)} MB resident, ${megabytes('RssAnon').toFixed(0)} MB of its own`,
    );
    expect(megabytes('RssAnon')).toBeLessThan(32);
    expect(megabytes('VmRSS')).toBeLessThan(85);
  });
});
