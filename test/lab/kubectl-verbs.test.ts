import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hoplab, hoplabOk, type RunOptions } from '../support/hoplab.ts';
import { exitCode, printed, startHoplab, startOnTerminal, stop } from '../support/hoplab-process.ts';

/*
 * kubectl 1.32 through each of its verbs, as a person types them. What the answers look like word for word is the matter
 * of test/control-plane; here the whole cluster stands behind them: controllers, scheduler, kubelets.
 */

const NAMESPACE = 'kubectl-verbs';
const lab = ['-n', 'iks', 'kubectl'];

const raw = (argv: readonly string[], options?: RunOptions) => hoplab([...lab, ...argv], options);
const own = (line: string) => ['-n', NAMESPACE, ...split(line)];
/** The words of a line, with single quotes as a shell reads them. */
const split = (line: string) =>
  [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
/** What a command line printed; anything but exit code 0 is an error. */
const kubectl = async (line: string, options?: RunOptions) =>
  (await hoplabOk([...lab, ...own(line)], options)).stdout;
const fails = async (line: string) => {
  const { code, stderr } = await raw(own(line));
  expect(code, line).not.toBe(0);
  return stderr;
};
const apply = (text: string) => kubectl('apply -f -', { stdin: text });

const deployment = (image: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{ name: nginx, image: ${image}, ports: [{ name: http, containerPort: 80 }] }]
`;

beforeAll(async () => {
  await hoplabOk(['up']);
  await raw(['delete', 'namespace', NAMESPACE, '--ignore-not-found']);
  await hoplabOk([...lab, 'create', 'namespace', NAMESPACE]);
});
afterAll(async () => {
  await raw(['delete', 'namespace', NAMESPACE, '--ignore-not-found']);
});

describe('making and changing objects', () => {
  it('create: every kind with a sub-command of its own', async () => {
    const made = async (line: string) => kubectl(`create ${line}`);
    expect(await made('configmap settings --from-literal=colour=blue')).toBe('configmap/settings created\n');
    expect(await made('secret generic password --from-literal=word=secret')).toBe(
      'secret/password created\n',
    );
    expect(await made('serviceaccount robot')).toBe('serviceaccount/robot created\n');
    expect(await made('deployment one --image=nginx --replicas=1 --port=80')).toBe(
      'deployment.apps/one created\n',
    );
    expect(await made('service clusterip one --tcp=80:80')).toBe('service/one created\n');
    expect(await made('service nodeport two --tcp=80:80 --node-port=32123')).toBe('service/two created\n');
    expect(await made("ingress one --rule='one.example.com/*=one:80'")).toBe(
      'ingress.networking.k8s.io/one created\n',
    );
    expect((await made('token robot')).split('.')).toHaveLength(3);
    expect(await kubectl("get secret password -o jsonpath='{.data.word}'")).toBe(
      Buffer.from('secret').toString('base64'),
    );
    expect(await fails('create configmap settings')).toContain('configmaps "settings" already exists');
    await kubectl('delete deployment,service,ingress --all');
  });

  it('apply: created, unchanged, configured, and a field that is taken out goes away', async () => {
    expect(await apply(deployment('nginx'))).toBe('deployment.apps/web created\n');
    expect(await apply(deployment('nginx'))).toBe('deployment.apps/web unchanged\n');
    const annotated = deployment('nginx').replace('name: web,', 'name: web, annotations: { a: b },');
    expect(await apply(annotated)).toBe('deployment.apps/web configured\n');
    await apply(deployment('nginx'));
    expect(await kubectl("get deployment web -o jsonpath='{.metadata.annotations.a}'")).toBe('');
  });

  it('replace, edit, patch in three ways, set', async () => {
    const object = JSON.parse(await kubectl('get configmap settings -o json'));
    object.data.colour = 'green';
    expect(await kubectl('replace -f -', { stdin: JSON.stringify(object) })).toBe(
      'configmap/settings replaced\n',
    );
    object.data.colour = 'red';
    const stale = await raw(own('replace -f -'), { stdin: JSON.stringify(object) });
    expect(stale.stderr).toContain('the object has been modified');

    const edit = { env: { KUBE_EDITOR: 'sed -i s/green/yellow/' } };
    expect(await kubectl('edit configmap settings', edit)).toBe('configmap/settings edited\n');

    const colour = () => kubectl("get configmap settings -o jsonpath='{.data.colour}'");
    expect(await colour()).toBe('yellow');
    await kubectl(`patch configmap settings --type merge -p '{"data":{"colour":"white"}}'`);
    expect(await colour()).toBe('white');
    await kubectl(
      `patch configmap settings --type json -p '[{"op":"replace","path":"/data/colour","value":"black"}]'`,
    );
    expect(await colour()).toBe('black');
    const strategic =
      '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[{"name":"A","value":"1"}]}]}}}}';
    await kubectl(`patch deployment web -p '${strategic}'`);
    expect(await kubectl("get deployment web -o jsonpath='{.spec.template.spec.containers[*].image}'")).toBe(
      'nginx',
    );
    await kubectl('set env deployment/web B=2');
    expect(await kubectl('set env deployment/web --list')).toMatch(/A=1\nB=2/);
  });

  it('label and annotate: add, refuse to overwrite, overwrite, remove', async () => {
    expect(await kubectl('label configmap settings tier=front')).toBe('configmap/settings labeled\n');
    expect(await fails('label configmap settings tier=back')).toContain('--overwrite is false');
    await kubectl('label configmap settings tier=back --overwrite');
    expect(await kubectl('get configmaps -l tier=back -o name')).toBe('configmap/settings\n');
    expect(await kubectl('label configmap settings tier-')).toBe('configmap/settings unlabeled\n');
    expect(await kubectl('annotate configmap settings note=x')).toBe('configmap/settings annotated\n');
    await kubectl('annotate configmap settings note-');
    expect(await kubectl("get configmap settings -o jsonpath='{.metadata.annotations}'")).not.toContain(
      'note',
    );
  });

  it('diff: nothing, then a change with exit code 1', async () => {
    await kubectl('rollout status deployment/web');
    await apply(deployment('nginx'));
    expect((await raw(own('diff -f -'), { stdin: deployment('nginx') })).code).toBe(0);
    const more = deployment('nginx').replace('replicas: 2', 'replicas: 3');
    const { code, stdout } = await raw(own('diff -f -'), { stdin: more });
    expect(code).toBe(1);
    expect(stdout).toMatch(/-\s+replicas: 2\n\+\s+replicas: 3/);
  });
});

describe('deployments', () => {
  it('rollout status, history, undo, restart, pause and resume; scale', async () => {
    await apply(deployment('nginx'));
    expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    await kubectl('set image deployment/web nginx=example.com/nowhere:1');
    expect(await kubectl("get deployment web -o jsonpath='{.spec.template.spec.containers[0].image}'")).toBe(
      'example.com/nowhere:1',
    );
    expect(await fails('rollout status deployment/web --timeout=2s')).toContain('timed out waiting');
    expect(await kubectl('rollout history deployment/web')).toMatch(
      /REVISION\s+CHANGE-CAUSE\n\d+\s+<none>\n\d+/,
    );
    expect(await kubectl('rollout undo deployment/web')).toBe('deployment.apps/web rolled back\n');
    expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    expect(await kubectl('rollout restart deployment/web')).toBe('deployment.apps/web restarted\n');
    await kubectl('rollout status deployment/web --timeout=60s');
    expect(await kubectl('rollout pause deployment/web')).toBe('deployment.apps/web paused\n');
    expect(await kubectl('rollout resume deployment/web')).toBe('deployment.apps/web resumed\n');

    expect(await kubectl('scale deployment web --replicas=4')).toBe('deployment.apps/web scaled\n');
    await kubectl("wait deployment web --for=jsonpath='{.status.readyReplicas}'=4 --timeout=60s");
    expect(await fails('scale deployment web --replicas=1 --current-replicas=2')).toContain(
      'Expected replicas to be 2, was 4',
    );
    await kubectl('scale deployment web --replicas=1');
    await kubectl("wait deployment web --for=jsonpath='{.status.replicas}'=1 --timeout=60s");
  });

  it('expose: a service whose endpoints are the pods', async () => {
    expect(await kubectl('expose deployment web --port=80 --target-port=http')).toBe('service/web exposed\n');
    await kubectl("wait endpoints web --for=jsonpath='{.subsets[0].addresses[0].ip}' --timeout=30s");
    const ip = await kubectl("get pods -l app=web -o jsonpath='{.items[0].status.podIP}'");
    expect(await kubectl('get endpoints web')).toContain(`${ip}:80`);
  });
});

describe('pods', () => {
  it('run, wait, logs -f, exec -it, attach, top-level delete', async () => {
    const loop = 'i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done';
    expect(
      await raw([
        '-n',
        NAMESPACE,
        'run',
        'talker',
        '--image=debian',
        '--restart=Never',
        '--command',
        '--',
        'sh',
        '-c',
        loop,
      ]),
    ).toMatchObject({ code: 0, stdout: 'pod/talker created\n' });
    await kubectl('wait pod talker --for=condition=Ready --timeout=60s');
    const followed = await untilPrinted(['logs', '-f', 'talker'], /line 5\n/);
    expect(followed).toMatch(/^line 1\n/);
    expect(await kubectl('logs talker --tail=1')).toMatch(/^line \d+\n$/);
    expect(await kubectl('logs talker --timestamps --tail=1')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z line/);
    expect(await kubectl('exec talker -- cat /etc/hostname')).toBe('talker\n');
    expect((await raw(own('exec talker -- false'))).code).toBe(1);
    expect(await onTerminal(['exec', '-it', 'talker', '--', 'sh', '-c', 'tty; stty size'])).toMatch(
      /\/dev\/pts\/\d+/,
    );
    expect(await untilPrinted(['attach', 'talker'], /line \d+\n/)).toContain('line');
    expect(await kubectl('delete pod talker --grace-period=1')).toBe('pod "talker" deleted\n');
  });

  it('run --rm -i: a pod for one command', async () => {
    const ran = await raw(
      [...own('run once --image=debian --restart=Never --rm -i --command -- sh -c'), 'cat; echo done'],
      {
        stdin: 'in\n',
      },
    );
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

  it('port-forward carries a port of the control plane to a pod', async () => {
    const child = start(['port-forward', 'deployment/web', '18080:80']);
    try {
      await printed(child, /Forwarding from 127\.0\.0\.1:18080/);
      const { stdout } = await hoplabOk([
        'exec',
        '-n',
        'iks',
        'controlpl1',
        '--',
        'curl',
        '-s',
        'http://127.0.0.1:18080/',
      ]);
      expect(stdout).toContain('Welcome to nginx!');
    } finally {
      await stop(child);
    }
  });
});

describe('reading', () => {
  it('get -w prints changes as they come', async () => {
    const watch = start(['get', 'configmaps', '-w', '--no-headers']);
    try {
      await printed(watch, /settings/);
      await kubectl('create configmap watched');
      await printed(watch, /watched\s+0/);
    } finally {
      await stop(watch);
    }
  });

  it('get in every form of output', async () => {
    expect(await kubectl('get pods -o wide')).toMatch(/NAME.*READY.*STATUS.*RESTARTS.*AGE.*IP.*NODE/);
    expect(await kubectl('get deployment web -o yaml')).toContain('kind: Deployment\n');
    expect(JSON.parse(await kubectl('get deployment web -o json'))).toMatchObject({ kind: 'Deployment' });
    expect(await kubectl('get deployment web -o name')).toBe('deployment.apps/web\n');
    expect(await kubectl('get deployments -o custom-columns=N:.metadata.name,R:.spec.replicas')).toMatch(
      /^N\s+R\nweb\s+1\n$/,
    );
    expect(await kubectl("get deployment web -o go-template='{{.metadata.name}}'")).toBe('web');
    expect(await kubectl("get pods -o jsonpath='{range .items[*]}{.spec.nodeName}{end}'")).toContain(
      'iks-networking',
    );
    expect(await kubectl('get pods --show-labels')).toContain('app=web');
    expect(await kubectl('get pods -L app --sort-by=.metadata.name')).toMatch(/APP\n.*web/);
    expect(await kubectl('get pods --field-selector status.phase=Running -o name')).toContain('pod/web-');
    expect(await kubectl('get all')).toMatch(
      /pod\/web-[\s\S]*service\/web[\s\S]*deployment\.apps\/web[\s\S]*replicaset/,
    );
    expect(await kubectl('get events')).toContain('SuccessfulCreate');
  });

  it('explain, api-resources, api-versions, cluster-info, version, auth can-i, auth whoami', async () => {
    expect(await kubectl('explain deployment.spec.strategy')).toContain('rollingUpdate');
    expect(await kubectl('explain pod.spec.containers.ports --recursive')).toContain('containerPort');
    const resources = await kubectl('api-resources');
    for (const kind of [
      'Pod',
      'Deployment',
      'Ingress',
      'NetworkPolicy',
      'IPPool',
      'WorkloadEndpoint',
      'IPAddressPool',
    ]) {
      expect(resources).toMatch(new RegExp(`\\s${kind}\\n`));
    }
    expect(await kubectl('api-versions')).toContain('networking.k8s.io/v1\n');
    expect(await kubectl('cluster-info')).toContain('Kubernetes control plane');
    expect(await kubectl('version')).toMatch(/Server Version: v1\.31/);
    expect(await kubectl('auth can-i create pods')).toBe('yes\n');
    expect(await kubectl('auth whoami')).toContain('kubernetes-admin');
  });

  it('describe of every kind the cluster has objects of', async () => {
    const names = (await kubectl('api-resources --verbs=list,get -o name')).trim().split('\n');
    const kinds = names.filter((name) => !name.startsWith('events'));
    expect(kinds.length).toBeGreaterThan(20);
    for (const kind of kinds) {
      const { code, stderr, stdout } = await raw(['describe', kind, '-A']);
      expect(code, `${kind}: ${stderr}`).toBe(0);
      expect(stdout + stderr, kind).toMatch(/^(Name:|No resources found)/m);
    }
  });
});

describe('deleting', () => {
  it('--cascade=orphan leaves the pods, background takes them', async () => {
    await apply(deployment('nginx').replaceAll('web', 'gone').replace('replicas: 2', 'replicas: 1'));
    await kubectl('rollout status deployment/gone --timeout=60s');
    await kubectl('delete deployment gone --cascade=orphan');
    expect(await kubectl('get replicasets -l app=gone -o name')).toContain('replicaset.apps/gone-');
    await kubectl('delete replicaset -l app=gone --cascade=foreground');
    expect(await kubectl('get pods -l app=gone -o name')).toBe('');
  });

  it('--now, --force, --dry-run', async () => {
    await kubectl('run sleeper --image=debian --restart=Never --command -- sleep 1000');
    await kubectl('wait pod sleeper --for=condition=Ready --timeout=60s');
    expect(await kubectl('delete pod sleeper --dry-run=server')).toContain('(server dry run)');
    expect(await kubectl('delete pod sleeper --force --grace-period=0')).toContain('force deleted');
    expect(await fails('get pod sleeper')).toContain('not found');
    const namespace = `${NAMESPACE}-2`;
    await hoplabOk([...lab, 'create', 'namespace', namespace]);
    expect((await hoplabOk([...lab, 'delete', 'namespace', namespace])).stdout).toContain('deleted');
  });
});

describe('nodes', () => {
  const NODE = 'iks-networking-example-cl-iks-networ-7ab29bc950';

  it('cordon, drain, uncordon, taint', async () => {
    await kubectl('scale deployment web --replicas=4');
    await kubectl('rollout status deployment/web --timeout=60s');
    expect((await hoplabOk([...lab, 'cordon', NODE])).stdout).toBe(`node/${NODE} cordoned\n`);
    expect(await kubectl(`get node ${NODE}`)).toContain('Ready,SchedulingDisabled');
    try {
      const drain = await hoplabOk([
        ...lab,
        'drain',
        NODE,
        '--ignore-daemonsets',
        '--delete-emptydir-data',
        '--pod-selector=app=web',
        '--timeout=60s',
      ]);
      expect(drain.stdout).toContain(`node/${NODE} drained`);
      await kubectl('rollout status deployment/web --timeout=60s');
      expect(await kubectl("get pods -l app=web -o jsonpath='{.items[*].spec.nodeName}'")).not.toContain(
        NODE,
      );
    } finally {
      expect((await hoplabOk([...lab, 'uncordon', NODE])).stdout).toBe(`node/${NODE} uncordoned\n`);
    }
    expect((await hoplabOk([...lab, 'taint', 'node', NODE, 'a=b:NoSchedule'])).stdout).toContain('tainted');
    expect((await hoplabOk([...lab, 'taint', 'node', NODE, 'a-'])).stdout).toContain('untainted');
  });
});

const start = (argv: readonly string[]) => startHoplab([...lab, '-n', NAMESPACE, ...argv]);

/** Starts kubectl, lets it print until the pattern matches, and ends it with Ctrl-C. */
async function untilPrinted(argv: readonly string[], pattern: RegExp): Promise<string> {
  const started = start(argv);
  try {
    await printed(started, pattern);
    return started.text;
  } finally {
    await stop(started);
  }
}

/** Runs kubectl on a terminal of its own. */
async function onTerminal(argv: readonly string[]): Promise<string> {
  const started = startOnTerminal([...lab, '-n', NAMESPACE, ...argv]);
  const code = await exitCode(started);
  if (code !== 0) throw new Error(`exit code ${code}: ${started.text}`);
  return started.text;
}
