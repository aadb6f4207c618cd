import { parseAllDocuments } from 'yaml';
import { apiVersionOf, type KubeObject } from '../../../../lab/control-plane/registry/index.ts';
import { vectorFile } from '../vectors.ts';
import type { RecordedCluster } from './cluster.ts';

const ERRS = '/api/v1/namespaces/errs';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/errs/deployments';
const HELD = { finalizers: ['example.com/hold'] };
const containers = [{ name: 'c', image: 'i' }];

/** errs-fixtures.yaml as `kubectl apply` sends it, then what scheduler, kubelet and controllers made of it. */
export async function applyFixtures(cluster: RecordedCluster): Promise<void> {
  cluster.setTime('2026-11-20T10:51:34Z');
  const [errs, ...objects] = parseAllDocuments(vectorFile('manifests/errs-fixtures.yaml')).map(
    (document) => document.toJS() as KubeObject,
  );
  if (errs) await cluster.post('/api/v1/namespaces', { metadata: errs.metadata });
  // What the controllers put into every namespace.
  await cluster.post(`${ERRS}/serviceaccounts`, { metadata: { name: 'default' } });
  const root = (await cluster.get('/api/v1/namespaces/default/configmaps/kube-root-ca.crt')).json;
  const { name, annotations } = root.metadata;
  await cluster.post(`${ERRS}/configmaps`, { metadata: { name, annotations }, data: root.data });
  for (const object of objects) await applyObject(cluster, object);
  await cluster.post(`${ERRS}/pods/p/binding`, { target: { kind: 'Node', name: 'worker2' } });
  await cluster.takeStatus(`${ERRS}/pods/p`, 'pod-update-image-allowed');
  // The deployment controller's first look at d.
  await cluster.takeRollout(`${DEPLOYMENTS}/d`, 'strategic-add-env');
}

async function applyObject(cluster: RecordedCluster, object: KubeObject): Promise<void> {
  const kind = cluster.kinds.find(
    (each) => each.kind === object.kind && apiVersionOf(each.group, each.version) === object.apiVersion,
  );
  if (!kind) return;
  const root = kind.group === '' ? `/api/${object.apiVersion}` : `/apis/${object.apiVersion}`;
  const path = `${root}${kind.namespaced ? '/namespaces/errs' : ''}/${kind.plural}`;
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied(object) };
  object.metadata.annotations = annotations;
  const reply = await cluster.post(path, object);
  if (reply.code !== 201) throw new Error(`fixture ${object.kind} ${object.metadata.name}: ${reply.text}`);
}

/** What README says was set up before a group of vectors. */
export async function setUpGroup(cluster: RecordedCluster, group: string): Promise<void> {
  if (group.startsWith('31-')) await setUpDeletions(cluster);
  if (group.startsWith('32-')) await setUpPages(cluster);
  if (group.startsWith('34-')) {
    await cluster.patch(`${ERRS}/services/a`, { metadata: { labels: { restart: '1' } } });
    cluster.server.api.store.compact();
  }
}

async function setUpDeletions(cluster: RecordedCluster): Promise<void> {
  for (let index = 0; index < 6; index++) {
    const metadata = { name: `col${index}`, labels: { grp: index % 2 ? 'odd' : 'even' } };
    await cluster.post(`${ERRS}/configmaps`, { metadata });
  }
  for (const name of ['dc1', 'dc2']) {
    const metadata = { name, labels: { dc: '1' } };
    await cluster.post(`${ERRS}/services`, { metadata, spec: { ports: [{ port: 80 }] } });
    await makeDeployment(cluster, name, 0, { dc: '1' });
  }
  for (const name of ['del1', 'del2']) await cluster.post(`${ERRS}/configmaps`, { metadata: { name } });
  await makeDeployment(cluster, 'fg', 1, undefined);
  await cluster.takeRollout(`${DEPLOYMENTS}/fg`, 'delete-foreground-deploy');
  for (const name of ['delp', 'delq']) {
    await cluster.post(`${ERRS}/pods`, { metadata: { name }, spec: { containers } });
    await cluster.post(`${ERRS}/pods/${name}/binding`, { target: { kind: 'Node', name: 'worker1' } });
    await cluster.takeStatus(`${ERRS}/pods/${name}`, 'get-pod-terminating');
  }
  await cluster.post(`${ERRS}/configmaps`, { metadata: { name: 'fin', ...HELD } });
  await cluster.post('/api/v1/namespaces', { metadata: { name: 'term' } });
  await cluster.post('/api/v1/namespaces/term/configmaps', { metadata: { name: 'hold', ...HELD } });
}

async function setUpPages(cluster: RecordedCluster): Promise<void> {
  // The garbage collector has finished the deletion in the foreground.
  await cluster.patch(`${ERRS}/configmaps/del2`, { metadata: { finalizers: null } });
  for (let index = 0; index < 10; index++) {
    const metadata = { name: `pg${index}`, labels: { pg: '1' } };
    await cluster.post(`${ERRS}/configmaps`, { metadata, data: { i: String(index) } });
  }
}

async function makeDeployment(
  cluster: RecordedCluster,
  name: string,
  replicas: number,
  labels: Record<string, string> | undefined,
): Promise<void> {
  const template = { metadata: { labels: { app: name } }, spec: { containers } };
  const spec = { replicas, selector: { matchLabels: { app: name } }, template };
  await cluster.post(DEPLOYMENTS, { metadata: { name, labels }, spec });
}

/** The annotation `kubectl apply` writes: keys sorted, an empty annotations field in it. */
function lastApplied(object: KubeObject): string {
  const copy = structuredClone(object);
  copy.metadata = { ...copy.metadata, annotations: {} };
  return `${JSON.stringify(sorted(copy))}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
