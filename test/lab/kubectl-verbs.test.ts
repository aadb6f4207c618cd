import { describe, expect, it, vi } from 'vitest';
import { kubectlIn, webDeployment } from '../support/kubectl.ts';

/*
 * kubectl 1.32 through each of its verbs, as a person types them: what makes, changes and deletes objects. What the
 * answers look like word for word is the matter of test/control-plane; here the whole cluster stands behind them:
 * controllers, scheduler, kubelets.
 */
const NAMESPACE = 'kubectl-verbs';
const { any, ok: kubectl, raw, fails, apply } = kubectlIn(NAMESPACE);

describe('making and changing objects', () => {
  it('create: every kind with a sub-command of its own', async () => {
    // Those of an earlier try.
    const all =
      'configmap/settings secret/password serviceaccount/robot deployment/one service/one service/two';
    await kubectl(`delete ${all} ingress/one --ignore-not-found`);
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
    // That of an earlier try.
    await kubectl('delete deployment web --ignore-not-found');
    expect(await apply(webDeployment())).toBe('deployment.apps/web created\n');
    expect(await apply(webDeployment())).toBe('deployment.apps/web unchanged\n');
    const annotated = webDeployment().replace('name: web,', 'name: web, annotations: { a: b },');
    expect(await apply(annotated)).toBe('deployment.apps/web configured\n');
    await apply(webDeployment());
    expect(await kubectl("get deployment web -o jsonpath='{.metadata.annotations.a}'")).toBe('');
  });

  it('replace, edit, patch in three ways, set', async () => {
    // An earlier try may have changed it: what replaces it is to be another.
    await kubectl(`patch configmap settings --type merge -p '{"data":{"colour":"blue"}}'`);
    const object = JSON.parse(await kubectl('get configmap settings -o json'));
    object.data.colour = 'green';
    expect(await kubectl('replace -f -', { stdin: JSON.stringify(object) })).toBe(
      'configmap/settings replaced\n',
    );
    object.data.colour = 'red';
    const stale = await raw('replace -f -', { stdin: JSON.stringify(object) });
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
    // What an earlier try added.
    await kubectl('label configmap settings tier-');
    await kubectl('annotate configmap settings note-');
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
    await apply(webDeployment());
    expect((await raw('diff -f -', { stdin: webDeployment() })).code).toBe(0);
    const more = webDeployment().replace('replicas: 2', 'replicas: 3');
    const { code, stdout } = await raw('diff -f -', { stdin: more });
    expect(code).toBe(1);
    expect(stdout).toMatch(/-\s+replicas: 2\n\+\s+replicas: 3/);
  });
});

describe('deployments', () => {
  it('rollout status, history, undo, restart, pause and resume; scale', async () => {
    // An earlier try may have left it paused; one that is not is an error here.
    await raw('rollout resume deployment/web');
    await apply(webDeployment());
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
    // That of an earlier try.
    await kubectl('delete service web --ignore-not-found');
    expect(await kubectl('expose deployment web --port=80 --target-port=http')).toBe('service/web exposed\n');
    // The endpoints come a moment later, and pods that were scaled away may still be listed.
    await vi.waitFor(
      async () => {
        await kubectl("wait endpoints web --for=jsonpath='{.subsets[0].addresses[0].ip}' --timeout=30s");
        const ip = await kubectl("get pods -l app=web -o jsonpath='{.items[0].status.podIP}'");
        expect(await kubectl('get endpoints web')).toContain(`${ip}:80`);
      },
      { timeout: 60_000, interval: 200 },
    );
  });
});

describe('deleting', () => {
  it('--cascade=orphan leaves the pods, background takes them', async () => {
    await apply(webDeployment().replaceAll('web', 'gone').replace('replicas: 2', 'replicas: 1'));
    await kubectl('rollout status deployment/gone --timeout=60s');
    await kubectl('delete deployment gone --cascade=orphan');
    expect(await kubectl('get replicasets -l app=gone -o name')).toContain('replicaset.apps/gone-');
    await kubectl('delete replicaset -l app=gone --cascade=foreground');
    expect(await kubectl('get pods -l app=gone -o name')).toBe('');
  });

  it('--now, --force, --dry-run', async () => {
    // That of an earlier try.
    await kubectl('delete pod sleeper --ignore-not-found --now');
    await kubectl('run sleeper --image=debian --restart=Never --command -- sleep 1000');
    await kubectl('wait pod sleeper --for=condition=Ready --timeout=60s');
    expect(await kubectl('delete pod sleeper --dry-run=server')).toContain('(server dry run)');
    expect(await kubectl('delete pod sleeper --force --grace-period=0')).toContain('force deleted');
    expect(await fails('get pod sleeper')).toContain('not found');
    const namespace = `${NAMESPACE}-2`;
    await any(['create', 'namespace', namespace]);
    expect((await any(['delete', 'namespace', namespace])).stdout).toContain('deleted');
  });
});
