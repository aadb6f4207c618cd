import type { Reply } from '../client.ts';
import type { RequestVector } from '../vectors.ts';
import type { RecordedCluster } from './cluster.ts';
import type { Requests } from './requests.ts';

export const isStream = ({ path }: RequestVector): boolean => /[?&]watch=|\/watch\//.test(path);

/** A watch, read while what its notes say is done to the objects it watches. */
export async function watchMeanwhile(
  cluster: RecordedCluster,
  requests: Requests,
  vector: RequestVector,
): Promise<Reply> {
  const { store } = cluster.server.api;
  const from = /resourceVersion=\d{2,}/.test(vector.path) ? String(store.revision) : undefined;
  const path = vector.path
    .replace(/timeoutSeconds=\d+/, 'timeoutSeconds=1')
    .replace(/resourceVersion=1\d{3}$/, `resourceVersion=${from}`);
  const url = path.includes('timeoutSeconds') ? path : `${path}&timeoutSeconds=1`;
  const answer = requests.send({ ...vector, path: url });
  // The server answers in order of arrival, so the watch is on before the first change.
  if (vector.cmd.includes('# note: meanwhile: create w1')) await changeConfigMap(cluster);
  if (vector.cmd.includes('# note: meanwhile: patch service a')) await changeService(cluster);
  return answer;
}

async function changeConfigMap(cluster: RecordedCluster): Promise<void> {
  await cluster.get('/version');
  const path = '/api/v1/namespaces/errs/configmaps';
  await cluster.post(path, { metadata: { name: 'w1', labels: { w: '1' } }, data: { a: '1' } });
  await cluster.patch(`${path}/w1`, { data: { a: '2' } });
  for (const w of ['2', '1']) await cluster.patch(`${path}/w1`, { metadata: { labels: { w } } });
  await cluster.delete(`${path}/w1`);
}

async function changeService(cluster: RecordedCluster): Promise<void> {
  await cluster.get('/version');
  const path = '/api/v1/namespaces/errs/services/a';
  for (const port of [82, 80])
    await cluster.patch(path, { spec: { ports: [{ name: 'http', port, nodePort: 31111 }] } });
  await cluster.patch(path, { metadata: { labels: { seen: '1' } } });
}
