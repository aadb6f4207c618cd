import { beforeAll, describe, expect, it } from 'vitest';
import { printed, stop } from '../support/hoplab-process.ts';
import { kubectlIn, webDeployment } from '../support/kubectl.ts';

// kubectl's verbs that only look.
const { any, ok: kubectl, apply, start } = kubectlIn('kubectl-reading');

beforeAll(async () => {
  await kubectl('create configmap settings --from-literal=colour=blue');
  await apply(webDeployment('nginx', 1));
  await kubectl('expose deployment web --port=80 --target-port=http');
  await kubectl('rollout status deployment/web --timeout=60s');
});

describe('reading', () => {
  it('get -w prints changes as they come', async () => {
    // That of an earlier try.
    await kubectl('delete configmap watched --ignore-not-found');
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
      const { code, stderr, stdout } = await any(['describe', kind, '-A']);
      expect(code, `${kind}: ${stderr}`).toBe(0);
      expect(stdout + stderr, kind).toMatch(/^(Name:|No resources found)/m);
    }
  });
});
