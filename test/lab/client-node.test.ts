import { Writable } from 'node:stream';
import {
  AppsV1Api,
  CoreV1Api,
  Exec,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Pod,
  type V1Status,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hoplabOk } from '../support/hoplab.ts';
import { type Carried, carryApi } from '../support/kubeconfig.ts';

/*
 * The Kubernetes project's own client library as an independent peer: it knows nothing of this API server, and what it
 * takes for granted is what every client takes for granted.
 */

const namespace = 'client-node';
let api: Carried;
let core: CoreV1Api;

beforeAll(async () => {
  await hoplabOk(['up']);
  api = await carryApi('iks');
  core = api.config.makeApiClient(CoreV1Api);
  await gone();
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  // A controller puts it into every namespace, a moment later.
  await vi.waitFor(() => core.readNamespacedConfigMap({ namespace, name: 'kube-root-ca.crt' }), {
    timeout: 30_000,
  });
});
afterAll(async () => {
  await core?.deleteNamespace({ name: namespace }).catch(() => {});
  await api?.end();
});

/** Waits until a namespace of an earlier run has gone. */
async function gone(): Promise<void> {
  await core.deleteNamespace({ name: namespace }).catch(() => {});
  const { items } = await core.listNamespace({ fieldSelector: `metadata.name=${namespace}` });
  if (items.length === 0) return;
  await new Promise<void>((resolve, reject) => {
    new Watch(api.config)
      .watch(
        '/api/v1/namespaces',
        { fieldSelector: `metadata.name=${namespace}`, resourceVersion: items[0]?.metadata?.resourceVersion },
        (type) => type === 'DELETED' && resolve(),
        () => reject(new Error('the watch ended')),
      )
      .catch(reject);
  });
}

const configMap = (name: string, data: Record<string, string>): V1ConfigMap => ({ metadata: { name }, data });
/** Takes away what an earlier try of a test has left. */
const removeConfigMap = (name: string) =>
  core.deleteNamespacedConfigMap({ namespace, name }).catch(() => undefined);

describe('@kubernetes/client-node', () => {
  it('creates, reads, replaces, patches, lists and deletes', async () => {
    for (const name of ['one', 'two']) await removeConfigMap(name);
    const made = await core.createNamespacedConfigMap({ namespace, body: configMap('one', { a: '1' }) });
    expect(made.metadata?.uid).toMatch(/^[\da-f-]{36}$/);
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const read = await core.readNamespacedConfigMap({ namespace, name: 'one' });
    expect(read.data).toEqual({ a: '1' });
    const replaced = await core.replaceNamespacedConfigMap({
      namespace,
      name: 'one',
      body: { ...read, data: { a: '2' } },
    });
    expect(replaced.data).toEqual({ a: '2' });
    await expect(
      core.replaceNamespacedConfigMap({ namespace, name: 'one', body: { ...read, data: { a: '3' } } }),
    ).rejects.toMatchObject({ code: 409 });
    const patched = await core.patchNamespacedConfigMap(
      { namespace, name: 'one', body: { data: { b: '4' } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(patched.data).toEqual({ a: '2', b: '4' });
    await core.createNamespacedConfigMap({ namespace, body: configMap('two', {}) });
    const page = await core.listNamespacedConfigMap({ namespace, limit: 1 });
    const { items } = await core.listNamespacedConfigMap({
      namespace,
      limit: 100,
      _continue: page.metadata?._continue ?? '',
    });
    expect([...page.items, ...items].map(({ metadata }) => metadata?.name)).toEqual([
      'kube-root-ca.crt',
      'one',
      'two',
    ]);
    await core.deleteNamespacedConfigMap({ namespace, name: 'one' });
    await expect(core.readNamespacedConfigMap({ namespace, name: 'one' })).rejects.toMatchObject({
      code: 404,
    });
  });

  it('applies objects of any kind by what discovery tells', async () => {
    const objects = KubernetesObjectApi.makeApiClient(api.config);
    const pool = {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name: 'by-client', namespace },
      spec: { addresses: ['10.1.110.240/32'], autoAssign: false },
    };
    // That of an earlier try.
    await objects.delete(structuredClone(pool)).catch(() => undefined);
    expect(await objects.create(pool)).toMatchObject({ spec: { autoAssign: false } });
    const read = await objects.read({ ...pool, metadata: { ...pool.metadata } });
    expect(read).toMatchObject({ spec: { addresses: ['10.1.110.240/32'] } });
    await objects.delete(pool);
  });

  it('an informer hears of every change, once, in order', async () => {
    await removeConfigMap('informed');
    const heard: string[] = [];
    const told = new EventTarget();
    const informer = makeInformer<V1ConfigMap>(api.config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
      core.listNamespacedConfigMap({ namespace }),
    );
    for (const verb of ['add', 'update', 'delete'] as const) {
      informer.on(verb, ({ metadata, data }) => {
        if (metadata?.name !== 'informed') return;
        heard.push(`${verb} ${data?.n}`);
        told.dispatchEvent(new Event('change'));
      });
    }
    onTestFinished(() => informer.stop());
    await informer.start();
    const body = configMap('informed', { n: '0' });
    await core.createNamespacedConfigMap({ namespace, body });
    for (let n = 1; n <= 20; n++) {
      body.data = { n: String(n) };
      await core.replaceNamespacedConfigMap({ namespace, name: 'informed', body });
    }
    await core.deleteNamespacedConfigMap({ namespace, name: 'informed' });
    while (!heard.at(-1)?.startsWith('delete')) {
      await new Promise((resolve) => told.addEventListener('change', resolve, { once: true }));
    }
    expect(heard).toEqual(['add 0', ...Array.from({ length: 20 }, (_, i) => `update ${i + 1}`), 'delete 20']);
  });

  it('follows a log, and runs a command with stdin, stdout, stderr and its exit code', async () => {
    const body: V1Pod = {
      metadata: { name: 'talker' },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'talker',
            image: 'debian',
            command: ['sh', '-c', 'for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done; sleep infinity'],
          },
        ],
      },
    };
    // That of an earlier try.
    await core
      .deleteNamespacedPod({ namespace, name: 'talker', gracePeriodSeconds: 0 })
      .catch(() => undefined);
    await core.createNamespacedPod({ namespace, body });
    await ready('talker');
    const log = sink();
    const controller = await new Log(api.config).log(namespace, 'talker', 'talker', log.stream, {
      follow: true,
    });
    await log.until(/line 5\n/);
    controller.abort();
    expect(log.text()).toBe('line 1\nline 2\nline 3\nline 4\nline 5\n');

    const [out, err] = [sink(), sink()];
    const { Readable } = await import('node:stream');
    const status = await new Promise<V1Status>((resolve, reject) => {
      new Exec(api.config)
        .exec(
          namespace,
          'talker',
          'talker',
          ['sh', '-c', 'read word; echo out $word; echo err >&2; exit 3'],
          out.stream,
          err.stream,
          Readable.from(['hello\n']),
          false,
          resolve,
        )
        .catch(reject);
    });
    expect(out.text()).toBe('out hello\n');
    expect(err.text()).toBe('err\n');
    expect(status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    });
    await core.deleteNamespacedPod({ namespace, name: 'talker', gracePeriodSeconds: 0 });
  });

  it('scales a deployment through its subresource', async () => {
    const apps = api.config.makeApiClient(AppsV1Api);
    const labels = { app: 'scaled' };
    // That of an earlier try.
    await apps.deleteNamespacedDeployment({ namespace, name: 'scaled' }).catch(() => undefined);
    await apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'scaled' },
        spec: {
          replicas: 0,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'nginx', image: 'nginx' }] } },
        },
      },
    });
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'scaled' });
    expect(scale.spec?.replicas ?? 0).toBe(0);
    await apps.replaceNamespacedDeploymentScale({
      namespace,
      name: 'scaled',
      body: { ...scale, spec: { replicas: 2 } },
    });
    const { spec } = await apps.readNamespacedDeployment({ namespace, name: 'scaled' });
    expect(spec?.replicas).toBe(2);
  });
});

/** Waits for a pod by a watch. */
async function ready(name: string): Promise<void> {
  const isReady = (pod: V1Pod) =>
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  const { items, metadata } = await core.listNamespacedPod({
    namespace,
    fieldSelector: `metadata.name=${name}`,
  });
  if (items.some(isReady)) return;
  await new Promise<void>((resolve, reject) => {
    let stop: AbortController | undefined;
    new Watch(api.config)
      .watch(
        `/api/v1/namespaces/${namespace}/pods`,
        { fieldSelector: `metadata.name=${name}`, resourceVersion: metadata?.resourceVersion },
        (_, pod: V1Pod) => {
          if (!isReady(pod)) return;
          resolve();
          stop?.abort();
        },
        () => reject(new Error('the watch ended before the pod was ready')),
      )
      .then((controller) => {
        stop = controller;
      })
      .catch(reject);
  });
}

/** A stream that keeps what is written to it. */
function sink() {
  let text = '';
  const written = new EventTarget();
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      written.dispatchEvent(new Event('write'));
      done();
    },
  });
  return {
    stream,
    text: () => text,
    async until(pattern: RegExp) {
      while (!pattern.test(text)) {
        await new Promise((resolve) => written.addEventListener('write', resolve, { once: true }));
      }
    },
  };
}
