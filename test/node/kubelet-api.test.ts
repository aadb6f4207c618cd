import { PassThrough } from 'node:stream';
import { Exec, KubeConfig, Log, PortForward, type V1Status } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiNode } from './api-node.ts';
import { TEST_PREFIX } from './node-container.ts';

// The kubelet with an API server: the lab's own, as a static pod of the same node. The real kubectl of the image.
const node = new ApiNode(`${TEST_PREFIX}-kubelet-api`);

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

const pod = (name: string, spec: string, metadata = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}${metadata}}
spec:
  nodeName: controlpl1
  terminationGracePeriodSeconds: 1
${spec}
`;
const sleeper = (name: string, fields = '') =>
  pod(name, `  containers: [{name: c, image: hoplab/node, command: [sleep, infinity]${fields}}]`);
const status = (name: string, path: string) =>
  node.kubectl(`get pod ${name} -o jsonpath='{.status.${path}}'`);
const wait = (name: string, condition: string) =>
  node.kubectl(`wait pod/${name} --for=${condition} --timeout=15s`, 2);
/** Of the pod that is there now, not of one that an earlier try made. */
const events = async (name: string) => {
  const uid = await node.kubectl(`get pod ${name} -o jsonpath={.metadata.uid}`);
  const text = await node.kubectl(
    `get events --field-selector involvedObject.name=${name},involvedObject.uid=${uid} -o jsonpath='{range .items[*]}{.reason}: {.message}{"\\n"}{end}'`,
  );
  return text.split('\n');
};
const seen = async (name: string, event: string) => {
  for (let tries = 0; tries < 100; tries += 1) {
    const all = await events(name);
    if (all.includes(event)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no event ${event} of ${name}:\n${(await events(name)).join('\n')}`);
};
const remove = (...names: string[]) => node.kubectl(`delete pod ${names.join(' ')} --wait --timeout=20s`);

beforeAll(() => node.startCluster(CONFLIST));
afterAll(() => node.destroy());

describe('the node', () => {
  it('registers, gets ready, and renews its lease', async () => {
    await node.kubectl('wait node/controlpl1 --for=condition=Ready --timeout=10s', 20);
    const wide = await node.kubectl('get node controlpl1 -o wide --no-headers');
    expect(wide).toMatch(/^controlpl1 +Ready +control-plane .* Debian GNU\/Linux .* crun:\/\//);
    const renewed = () =>
      node.kubectl("get lease -n kube-node-lease controlpl1 -o jsonpath='{.spec.renewTime}'", 20);
    const first = await renewed();
    await expect.poll(renewed, { timeout: 5000 }).not.toBe(first);
  });

  it('is not ready while there is no CNI configuration', async () => {
    await node.out('mv /etc/cni/net.d/10-lab.conflist /root/');
    try {
      await node.kubectl('wait node/controlpl1 --for=condition=Ready=false --timeout=10s');
      expect(
        await node.kubectl(
          `get node controlpl1 -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}'`,
        ),
      ).toContain('cni plugin not initialized');
    } finally {
      await node.out('mv /root/10-lab.conflist /etc/cni/net.d/');
    }
    await node.kubectl('wait node/controlpl1 --for=condition=Ready --timeout=10s');
  });

  it('tells what happened before its API server ran', async () => {
    const messages = async () => {
      const path = '{range .items[*]}{.message}{"\\n"}{end}';
      return (await node.kubectl(`get events -n kube-system -o jsonpath='${path}'`)).split('\n');
    };
    await expect
      .poll(messages, { timeout: 5000 })
      .toEqual(
        expect.arrayContaining([
          'Container image "hoplab/node" already present on machine',
          'Created container kube-apiserver',
          'Started container kube-apiserver',
        ]),
      );
  });

  it('shows its static pod, and shows it again when somebody deletes it', async () => {
    const uid = () =>
      node.kubectl("get pod -n kube-system kube-apiserver-controlpl1 -o jsonpath='{.metadata.uid}'", 50);
    const before = await uid();
    await node.kubectl('delete pod -n kube-system kube-apiserver-controlpl1 --wait --timeout=10s');
    await expect.poll(uid, { timeout: 5000 }).not.toBe(before);
    await expect
      .poll(
        () => node.kubectl("get pod -n kube-system kube-apiserver-controlpl1 -o jsonpath='{.status.phase}'"),
        { timeout: 10_000 },
      )
      .toBe('Running');
  });
});

describe('pods', () => {
  it('run with what objects of the API give them, live', async () => {
    await node.apply(`apiVersion: v1
kind: ConfigMap
metadata: {name: cfg}
data: {color: blue}
---
apiVersion: v1
kind: Secret
metadata: {name: sec}
stringData: {password: hunter2}
---
apiVersion: v1
kind: Service
metadata: {name: redis-master}
spec: {clusterIP: 10.96.0.11, selector: {app: redis}, ports: [{port: 6379}]}
---
${pod(
  'objects',
  `  subdomain: sub
  volumes:
  - {name: cfg, configMap: {name: cfg}}
  - name: all
    projected:
      sources:
      - {secret: {name: sec}}
      - {downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
  containers:
  - name: c
    image: hoplab/node
    command: [sleep, infinity]
    envFrom: [{configMapRef: {name: cfg}, prefix: CFG_}]
    env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: sec, key: password}}}]
    volumeMounts: [{name: cfg, mountPath: /cfg}, {name: all, mountPath: /all}]`,
  ', labels: {app: web}',
)}`);
    await wait('objects', 'condition=Ready');
    const env = (await node.kubectl('exec objects -- env')).split('\n');
    expect(env).toEqual(
      expect.arrayContaining([
        'CFG_color=blue',
        'PASSWORD=hunter2',
        'REDIS_MASTER_SERVICE_HOST=10.96.0.11',
        'REDIS_MASTER_PORT_6379_TCP_ADDR=10.96.0.11',
        'KUBERNETES_SERVICE_PORT=443',
      ]),
    );
    expect(await node.kubectl('exec objects -- cat /all/password /all/labels')).toBe('hunter2app="web"');
    expect(await node.kubectl('exec objects -- tail -1 /etc/hosts')).toBe(
      `${await status('objects', 'podIP')}\tobjects.sub.default.svc.cluster.local\tobjects`,
    );
    await node.kubectl(`patch cm cfg -p '{"data":{"color":"red"}}'`);
    await node.kubectl('label pod objects app=changed --overwrite');
    await expect
      .poll(() => node.kubectl('exec objects -- cat /cfg/color /all/labels'), { timeout: 5000 })
      .toBe('redapp="changed"');
    await remove('objects');
  });

  it('wait for what is missing and say so, then go on', async () => {
    // That of an earlier try.
    await node.kubectl('delete configmap later --ignore-not-found');
    await node.apply(
      `${pod('novol', '  volumes: [{name: v, configMap: {name: later}}]\n  containers: [{name: c, image: hoplab/node, command: [sleep, infinity], volumeMounts: [{name: v, mountPath: /v}]}]')}---
${sleeper('noenv', ', envFrom: [{configMapRef: {name: later}}]')}---
${pod('noimage', '  containers: [{name: c, image: not-here}]')}`,
    );
    await seen('novol', 'FailedMount: MountVolume.SetUp failed for volume "v" : configmap "later" not found');
    await seen('noenv', 'Failed: Error: configmap "later" not found');
    expect(await status('noenv', 'containerStatuses[0].state.waiting.reason')).toBe(
      'CreateContainerConfigError',
    );
    await seen('noimage', 'Failed: Error: ErrImagePull');
    await seen('noimage', 'BackOff: Back-off pulling image "not-here"');
    expect(await status('noimage', 'containerStatuses[0].state.waiting')).toContain(
      'lab load-image not-here:latest',
    );
    await node.apply('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: later}\ndata: {k: v}\n');
    await wait('novol', 'condition=Ready');
    await wait('noenv', 'condition=Ready');
    await remove('novol', 'noenv', 'noimage');
  });

  it('become ready and are restarted as their probes say', async () => {
    const server =
      "require('http').createServer((q, r) => { r.statusCode = require('fs').existsSync('/tmp/bad') ? 500 : 200; r.end() }).listen(80)";
    await node.apply(
      pod(
        'probed',
        `  containers:
  - name: c
    image: hoplab/node
    command: [node, -e, "${server}"]
    startupProbe: {tcpSocket: {port: 80}}
    livenessProbe: {httpGet: {port: 80, path: /live}, periodSeconds: 1, failureThreshold: 2}
    readinessProbe: {exec: {command: [test, -e, /tmp/ready]}, periodSeconds: 1, failureThreshold: 1}`,
      ),
    );
    await expect
      .poll(() => status('probed', 'containerStatuses[0].started'), { timeout: 20_000 })
      .toBe('true');
    expect(await status('probed', 'containerStatuses[0].ready')).toBe('false');
    await node.kubectl('exec probed -- touch /tmp/ready');
    await wait('probed', 'condition=Ready');
    await node.kubectl('exec probed -- rm /tmp/ready');
    await wait('probed', 'condition=Ready=false');
    await node.kubectl('exec probed -- touch /tmp/bad');
    await seen('probed', 'Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500');
    await seen('probed', 'Killing: Container c failed liveness probe, will be restarted');
    await expect
      .poll(() => status('probed', 'containerStatuses[0].restartCount'), { timeout: 8000 })
      .toBe('1');
    await remove('probed');
  });

  it('end with their hooks, messages and phases', async () => {
    const hook = 'exec: {command: [sh, -c, "sleep 0.3; echo bye > /proc/1/fd/1"]}';
    await node.apply(
      `${pod('polite', `  containers: [{name: c, image: hoplab/node, command: [sh, -c, "echo here; exec sleep infinity"], lifecycle: {preStop: {${hook}}}}]`)}---
${pod('message', '  restartPolicy: Never\n  containers: [{name: c, image: hoplab/node, command: [sh, -c, "echo why > /dev/termination-log; exit 3"]}]')}`,
    );
    await wait('message', 'jsonpath={.status.phase}=Failed');
    expect(await status('message', 'containerStatuses[0].state.terminated.message')).toBe('why');
    await wait('polite', 'condition=Ready');
    await node.out('rm -f /tmp/followed');
    const followed = node.kubectl('logs -f polite | tee /tmp/followed');
    await expect.poll(() => node.out('cat /tmp/followed'), { timeout: 15_000 }).toBe('here');
    const began = Date.now();
    await remove('polite');
    expect(Date.now() - began).toBeGreaterThan(300);
    expect(await followed).toContain('bye');
    // What has ended stays until it is deleted.
    expect(await status('message', 'phase')).toBe('Failed');
    await remove('message');
  });
});

describe('kubectl', () => {
  beforeAll(async () => {
    const server =
      "require('http').createServer((q, r) => r.end('served ' + q.url)).listen(8080, '127.0.0.1')";
    await node.apply(
      pod(
        'web',
        `  containers: [{name: c, image: hoplab/node, command: [sh, -c, "echo started; echo oops >&2; exec node -e \\"${server}\\""]}]`,
      ),
    );
    await wait('web', 'condition=Ready');
  });

  it('reads logs', async () => {
    await expect.poll(() => node.kubectl('logs web'), { timeout: 10_000 }).toBe('started\noops');
    expect(await node.kubectl('logs web --tail=1 --timestamps')).toMatch(/^2\d{3}-\S+ oops$/);
    expect((await node.sh('KUBECONFIG=/etc/kubernetes/admin.conf kubectl logs web -p')).stderr).toBe(
      'Error from server (BadRequest): previous terminated container "c" in pod "web" not found\n',
    );
  });

  it('runs commands, with stdin, exit code and terminal', async () => {
    const run = (command: string, input?: string) =>
      node.sh(`export KUBECONFIG=/etc/kubernetes/admin.conf; ${command}`, input);
    expect(await run("kubectl exec web -- sh -c 'echo out; echo err >&2; exit 42'")).toEqual({
      code: 42,
      stdout: 'out\n',
      stderr: 'err\ncommand terminated with exit code 42\n',
    });
    expect((await run('kubectl exec -i web -- cat', 'through stdin')).stdout).toBe('through stdin');
    // crun hands the size on when the command runs already, and takes up the terminal of one that has not ended by then.
    const size = "sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 0.2; stty size | grep -v ^0 && break; done'";
    const terminal = await run(
      `script -qec "stty cols 133 rows 44; kubectl exec -it web -- ${size}" /dev/null`,
    );
    expect(terminal.stdout).toContain('44 133');
  });

  it('copies files there and back', async () => {
    // What an earlier try copied.
    await node.kubectl('exec web -- rm -rf /tmp/there');
    await node.out('rm -rf /tmp/there /tmp/back; mkdir -p /tmp/there; seq 100000 > /tmp/there/file');
    await node.kubectl('cp /tmp/there web:/tmp/there');
    await node.kubectl('cp web:/tmp/there/file /tmp/back');
    await node.out('cmp /tmp/there/file /tmp/back');
  });

  it('forwards ports to what listens on the pod’s loopback only', async () => {
    const answers = await node.out(
      // One that an earlier try left has the port.
      `pkill -x kubectl; rm -f /tmp/pf; export KUBECONFIG=/etc/kubernetes/admin.conf; kubectl port-forward pod/web 18080:8080 >/tmp/pf 2>&1 & pid=$!
       until grep -q Forwarding /tmp/pf; do sleep 0.05; done; for i in 1 2 3; do curl -s localhost:18080/$i; echo; done; kill $pid`,
    );
    expect(answers).toBe('served /1\nserved /2\nserved /3');
  });
});

describe('@kubernetes/client-node', () => {
  const config = new KubeConfig();
  beforeAll(async () => {
    const address = await node.out('hostname -i');
    const caData = Buffer.from(await node.out('cat /etc/kubernetes/pki/ca.crt')).toString('base64');
    config.loadFromClusterAndUser(
      { name: 'c', server: `https://${address}:6443`, caData, skipTLSVerify: false },
      { name: 'u', token: 'admin-token' },
    );
  });
  const text = (stream: PassThrough) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  };

  it('runs commands', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const out = text(stdout);
    const ended = await new Promise<V1Status>((resolve, reject) => {
      const command = ['sh', '-c', 'echo hello; exit 3'];
      new Exec(config)
        .exec('default', 'web', 'c', command, stdout, stderr, null, false, resolve)
        .catch(reject);
    });
    expect(out()).toBe('hello\n');
    expect(ended).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' });
  });

  it('reads logs and forwards ports', async () => {
    const log = new PassThrough();
    const logged = text(log);
    await new Log(config).log('default', 'web', 'c', log, { tailLines: 2 });
    await expect.poll(logged, { timeout: 10_000 }).toBe('started\noops\n');

    const [output, errors, input] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const answer = text(output);
    const socket = await new PortForward(config).portForward('default', 'web', [8080], output, errors, input);
    input.write('GET /client HTTP/1.0\r\n\r\n');
    await expect.poll(answer, { timeout: 5000 }).toContain('served /client');
    (socket as { close(): void }).close();
  });
});

describe('a new kubelet', () => {
  it('adopts all pods, also that of the API server', async () => {
    const ids = () => node.out('crun list -q | sort');
    const before = await ids();
    await node.out(`rm /run/kubelet/status.json; kill -9 $(pgrep -f '^node .*/usr/local/bin/kubelet')`);
    await node.until(
      'pod("web").phase === "Running" && pod("kube-apiserver-controlpl1").phase === "Running"',
    );
    expect(await node.kubectl('exec web -- echo alive', 20)).toBe('alive');
    expect(await ids()).toBe(before);
  });
});

describe('without its API server', () => {
  it('goes on, adopts its pods, and catches up when the server is back', async () => {
    // After an earlier try it may still be coming back.
    await node.kubectl('get --raw /readyz', 100);
    await node.apply(sleeper('steady'));
    await wait('steady', 'condition=Ready');
    const before = await status('steady', 'containerStatuses[0].containerID');
    await node.out('mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/');
    try {
      await node.until('!pod("kube-apiserver-controlpl1")');
      await node.out(`rm /run/kubelet/status.json; kill -9 $(pgrep -f '^node .*/usr/local/bin/kubelet')`);
      await node.until('pod("steady").phase === "Running"');
    } finally {
      await node.out('mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/');
    }
    await node.until('pod("kube-apiserver-controlpl1").phase === "Running"');
    await node.kubectl('get --raw /readyz', 50);
    expect(await status('steady', 'containerStatuses[0].containerID')).toBe(before);
    // An earlier try may have removed the second already.
    await remove('steady', 'web', '--ignore-not-found');
    await node.until('s.pods.length === 1');
  });

  it('has little memory of its own', async () => {
    const text = await node.out(`cat /proc/$(pgrep -f '^node .*/usr/local/bin/kubelet')/status`);
    const megabytes = Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) / 1024;
    console.log(`kubelet: ${megabytes.toFixed(0)} MB resident`);
    expect(megabytes).toBeLessThan(85);
  });
});
