import type { Kind, KubeObject } from '../../../../lab/control-plane/registry/index.ts';
import { httpSteps, isStepOf, type Step } from '../steps.ts';
import { type RequestVector, requestVectors } from '../vectors.ts';
import { RecordedCluster } from './cluster.ts';
import { compareAnswers } from './compare.ts';
import { applyFixtures, setUpGroup } from './fixtures.ts';
import { Requests } from './requests.ts';
import { isStream, watchMeanwhile } from './watches.ts';

/** Outcome of one vector; no lines when the answer was the recorded one. */
export interface Outcome {
  readonly name: string;
  readonly group: string;
  readonly lines: readonly string[];
}

/** Groups by the state they were recorded in. */
const EMPTY = ['01-empty'];
const MAIN = ['02-apply', '12-raw', '13-table', '16-allocation'];

/**
 * Replays recorded requests group by group against in-process servers and compares the answers.
 * @param wanted which vectors to compare; the others are sent too where they changed something
 */
export async function replay(
  kinds: readonly Kind[],
  wanted: (vector: RequestVector) => boolean,
): Promise<readonly Outcome[]> {
  const all = requestVectors();
  const run = async (
    groups: (group: string) => boolean,
    prepare: (cluster: RecordedCluster) => Promise<void>,
  ): Promise<Outcome[]> => {
    const chosen = all.filter(({ group }) => groups(group));
    const cluster = await RecordedCluster.start(kinds, chosen[0]?.at);
    await prepare(cluster);
    const outcomes = await new Replayer(cluster).run(chosen, wanted);
    await cluster.close();
    return outcomes;
  };
  return [
    ...(await run(
      (group) => EMPTY.includes(group),
      async () => undefined,
    )),
    ...(await run(
      (group) => MAIN.includes(group),
      (cluster) => cluster.loadMain(),
    )),
    ...(await run(
      (group) => /^(2\d|3[1-4])-/.test(group),
      async (cluster) => {
        await cluster.loadMain();
        await applyFixtures(cluster);
      },
    )),
  ];
}

/** Vectors that show what a step did, with the step's path. */
const BEFORE = new Map([
  ['get-pod-terminating', '/api/v1/namespaces/errs/pods/delp'],
  ['get-with-finalizer-deleting', '/api/v1/namespaces/errs/configmaps/fin'],
]);

class Replayer {
  readonly #cluster: RecordedCluster;
  readonly #requests: Requests;

  constructor(cluster: RecordedCluster) {
    this.#cluster = cluster;
    this.#requests = new Requests(cluster);
  }

  async run(
    chosen: readonly RequestVector[],
    wanted: (vector: RequestVector) => boolean,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const groups = [...new Set(chosen.map(({ group }) => group))].sort();
    for (const group of groups) {
      const steps = [...httpSteps().filter((step) => step.group === group)];
      await setUpGroup(this.#cluster, group);
      for (const vector of chosen.filter((each) => each.group === group)) {
        const at = steps.findIndex((step) => isStepOf(step, vector));
        // Changes between the vectors that were no vectors themselves.
        // A request whose answer was not kept, before a look at what it did.
        const unseen = steps.findIndex((step) => step.path === BEFORE.get(vector.name));
        if (at < 0 && unseen >= 0) for (const step of steps.splice(0, unseen + 1)) await this.#step(step);
        if (at >= 0) for (const step of steps.splice(0, at + 1).slice(0, -1)) await this.#step(step);
        if (wanted(vector)) outcomes.push(await this.#compare(vector));
        else if (at >= 0 && vector.code < 300) await this.#requests.send(vector);
        await this.#after(vector);
      }
      for (const step of steps) await this.#step(step);
    }
    return outcomes;
  }

  async #compare(vector: RequestVector): Promise<Outcome> {
    this.#cluster.setTime(vector.at);
    if (vector.name === 'err-page-continue-expired') this.#cluster.server.api.store.compact();
    const reply = isStream(vector)
      ? await watchMeanwhile(this.#cluster, this.#requests, vector)
      : await this.#requests.send(vector);
    this.#requests.learn(vector, reply.json);
    const lines = compareAnswers(vector, reply, isStream(vector));
    return { name: vector.name, group: vector.group, lines };
  }

  async #step(step: Step): Promise<void> {
    const { method, path, contentType, body } = step;
    if (contentType.includes('apply-patch')) {
      // Not served; what it made is needed for lists.
      const maps = '/api/v1/namespaces/errs/configmaps';
      if (path.includes('/configmaps/ssa'))
        await this.#cluster.post(maps, { metadata: { name: 'ssa' }, data: { a: '2' } });
      return;
    }
    const ours = await this.#requests.translate(body, path);
    const reply = await this.#cluster.send(method, path, contentType, ours);
    // "Service a was patched back to NodePort with port http 80/31111".
    if (path.endsWith('/services/a') && body.includes('"ClusterIP"'))
      await this.#cluster.send('PATCH', path, contentType, body.replace('ClusterIP', 'NodePort'));
    const made = reply.json?.metadata?.name as string | undefined;
    // Accepted where an error had been expected, and deleted at once.
    if (method === 'POST' && made?.startsWith('x'))
      await this.#cluster.delete(`${path}/${made}?gracePeriodSeconds=0`);
  }

  /** What was taken away again after a vector. */
  async #after(vector: RequestVector): Promise<void> {
    const [collection] = vector.path.split('?');
    if (vector.name.startsWith('ok-') && vector.method === 'POST') {
      const { metadata } = JSON.parse(vector.answer) as KubeObject;
      await this.#cluster.delete(`${collection}/${metadata.name}?gracePeriodSeconds=0`);
    }
    if (vector.name === 'page-1') await this.#cluster.delete(`${collection}/pg5`);
  }
}
