import { parseAllDocuments } from 'yaml';
import type { Kind, KubeObject } from '../../../lab/control-plane/registry/index.ts';
import { loadMainState } from './main-state.ts';
import { differences, normalise } from './normalise.ts';
import { startTestServer, type TestServer } from './server.ts';
import { httpSteps, isStepOf, type Step } from './steps.ts';
import { type RequestVector, requestVectors, vectorFile } from './vectors.ts';

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
  const outcomes: Outcome[] = [];
  const run = async (
    groups: (group: string) => boolean,
    prepare: (replayer: Replayer) => Promise<void>,
  ): Promise<void> => {
    const chosen = all.filter(({ group }) => groups(group));
    const replayer = await Replayer.start(kinds, chosen[0]?.at);
    await prepare(replayer);
    outcomes.push(...(await replayer.run(chosen, wanted)));
    await replayer.close();
  };
  await run(
    (group) => EMPTY.includes(group),
    async () => undefined,
  );
  await run(
    (group) => MAIN.includes(group),
    (replayer) => replayer.loadMain(),
  );
  await run(
    (group) => /^(2\d|3[1-4])-/.test(group),
    async (replayer) => {
      await replayer.loadMain();
      await replayer.applyFixtures();
    },
  );
  return outcomes;
}

/** Vectors that show what a step did, with the step's path. */
const BEFORE = new Map([
  ['get-pod-terminating', '/api/v1/namespaces/errs/pods/delp'],
  ['get-with-finalizer-deleting', '/api/v1/namespaces/errs/configmaps/fin'],
]);

class Replayer {
  readonly #server: TestServer;
  readonly #kinds: readonly Kind[];
  readonly #clock: { now: Date };
  /** Continue tokens by the vector they came from. */
  readonly #tokens = new Map<string, string>();

  static async start(kinds: readonly Kind[], at = '2026-11-20T10:51:00Z'): Promise<Replayer> {
    const clock = { now: new Date(at) };
    const server = await startTestServer({
      kinds,
      advertiseAddress: '10.1.110.108',
      podCIDR: '10.244.0.0/16',
      now: () => clock.now,
    });
    return new Replayer(server, kinds, clock);
  }

  private constructor(server: TestServer, kinds: readonly Kind[], clock: { now: Date }) {
    this.#server = server;
    this.#kinds = kinds;
    this.#clock = clock;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  loadMain(): Promise<void> {
    return loadMainState(this.#server, this.#kinds);
  }

  /** errs-fixtures.yaml as `kubectl apply` sends it, then what scheduler and kubelet made of its pod. */
  async applyFixtures(): Promise<void> {
    this.#clock.now = new Date('2026-11-20T10:51:34Z');
    const documents = parseAllDocuments(vectorFile('manifests/errs-fixtures.yaml')).map(
      (document) => document.toJS() as KubeObject,
    );
    const errs = documents[0];
    if (errs) await this.#server.client.post('/api/v1/namespaces', { metadata: errs.metadata });
    // What the controllers put into every namespace.
    await this.#server.client.post('/api/v1/namespaces/errs/serviceaccounts', {
      metadata: { name: 'default' },
    });
    const root = (await this.#server.client.get('/api/v1/namespaces/default/configmaps/kube-root-ca.crt'))
      .json;
    const { name: rootName, annotations } = root.metadata;
    await this.#server.client.post('/api/v1/namespaces/errs/configmaps', {
      metadata: { name: rootName, annotations },
      data: root.data,
    });
    for (const object of documents.slice(1)) {
      const [group = '', version = ''] = object.apiVersion.includes('/')
        ? object.apiVersion.split('/')
        : ['', object.apiVersion];
      const kind = this.#kinds.find((each) => each.kind === object.kind && each.group === group);
      if (!kind) continue;
      const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      const path = `${root}${kind.namespaced ? '/namespaces/errs' : ''}/${kind.plural}`;
      object.metadata.annotations = {
        'kubectl.kubernetes.io/last-applied-configuration': lastApplied(object),
      };
      const reply = await this.#server.client.post(path, object);
      if (reply.code !== 201)
        throw new Error(`fixture ${object.kind} ${object.metadata.name}: ${reply.text}`);
    }
    const pod = '/api/v1/namespaces/errs/pods/p';
    await this.#server.client.post(`${pod}/binding`, { target: { kind: 'Node', name: 'worker2' } });
    const running = requestVectors().find(({ name }) => name === 'pod-update-image-allowed');
    const { status } = JSON.parse(running?.answer ?? '{}') as KubeObject;
    await this.#send('PATCH', `${pod}/status`, 'application/merge-patch+json', JSON.stringify({ status }));
    // The deployment controller's first look at d.
    const deployment = '/apis/apps/v1/namespaces/errs/deployments/d';
    await this.#rolledOut(deployment, 'strategic-add-env');
  }

  /** Status and annotation of a deployment as a recorded answer shows them. */
  async #rolledOut(path: string, vector: string): Promise<void> {
    const answer = requestVectors().find(({ name }) => name === vector)?.answer ?? '{}';
    const { status } = JSON.parse(answer) as KubeObject;
    const annotations = { 'deployment.kubernetes.io/revision': '1' };
    const change = JSON.stringify({ metadata: { annotations }, status });
    await this.#send('PATCH', path, 'application/merge-patch+json', change);
    await this.#send('PATCH', `${path}/status`, 'application/merge-patch+json', change);
  }

  async run(
    chosen: readonly RequestVector[],
    wanted: (vector: RequestVector) => boolean,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const groups = [...new Set(chosen.map(({ group }) => group))].sort();
    for (const group of groups) {
      const steps = [...httpSteps().filter((step) => step.group === group)];
      await this.#setUp(group);
      for (const vector of chosen.filter((each) => each.group === group)) {
        const at = steps.findIndex((step) => isStepOf(step, vector));
        // Changes between the vectors that were no vectors themselves.
        // A request whose answer was not kept, before a look at what it did.
        const unseen = steps.findIndex((step) => step.path === BEFORE.get(vector.name));
        if (at < 0 && unseen >= 0) for (const step of steps.splice(0, unseen + 1)) await this.#step(step);
        if (at >= 0) for (const step of steps.splice(0, at + 1).slice(0, -1)) await this.#step(step);
        if (wanted(vector)) outcomes.push(await this.#compare(vector));
        else if (at >= 0 && vector.code < 300) await this.#request(vector);
        await this.#after(vector);
      }
      for (const step of steps) await this.#step(step);
    }
    return outcomes;
  }

  /** What README says was set up between the vectors. */
  async #setUp(group: string): Promise<void> {
    const maps = '/api/v1/namespaces/errs/configmaps';
    if (group.startsWith('31-')) {
      for (let index = 0; index < 6; index++)
        await this.#server.client.post(maps, {
          metadata: { name: `col${index}`, labels: { grp: index % 2 ? 'odd' : 'even' } },
        });
      for (const name of ['dc1', 'dc2']) {
        const metadata = { name, labels: { dc: '1' } };
        await this.#server.client.post('/api/v1/namespaces/errs/services', {
          metadata,
          spec: { ports: [{ port: 80 }] },
        });
        await this.#deployment(name, 0, { dc: '1' });
      }
      for (const name of ['del1', 'del2']) await this.#server.client.post(maps, { metadata: { name } });
      await this.#deployment('fg', 1, undefined);
      await this.#rolledOut('/apis/apps/v1/namespaces/errs/deployments/fg', 'delete-foreground-deploy');
      for (const name of ['delp', 'delq']) await this.#runningPod(name);
      await this.#server.client.post(maps, { metadata: { name: 'fin', finalizers: ['example.com/hold'] } });
      await this.#server.client.post('/api/v1/namespaces', { metadata: { name: 'term' } });
      await this.#server.client.post('/api/v1/namespaces/term/configmaps', {
        metadata: { name: 'hold', finalizers: ['example.com/hold'] },
      });
    }
    if (group.startsWith('32-')) {
      // The garbage collector has finished the deletion in the foreground.
      await this.#send(
        'PATCH',
        `${maps}/del2`,
        'application/merge-patch+json',
        '{"metadata":{"finalizers":null}}',
      );
      for (let index = 0; index < 10; index++)
        await this.#server.client.post(maps, {
          metadata: { name: `pg${index}`, labels: { pg: '1' } },
          data: { i: String(index) },
        });
    }
    if (group.startsWith('34-')) {
      const path = '/api/v1/namespaces/errs/services/a';
      await this.#send(
        'PATCH',
        path,
        'application/merge-patch+json',
        '{"metadata":{"labels":{"restart":"1"}}}',
      );
      this.#server.api.store.compact();
    }
  }

  /** A pod with the status that the recording's stand-in for a kubelet gave it. */
  async #runningPod(name: string): Promise<void> {
    const path = '/api/v1/namespaces/errs/pods';
    await this.#server.client.post(path, {
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    await this.#server.client.post(`${path}/${name}/binding`, { target: { kind: 'Node', name: 'worker1' } });
    const answer = requestVectors().find((vector) => vector.name === 'get-pod-terminating')?.answer ?? '{}';
    const { status } = JSON.parse(answer) as KubeObject;
    await this.#send(
      'PATCH',
      `${path}/${name}/status`,
      'application/merge-patch+json',
      JSON.stringify({ status }),
    );
  }

  async #deployment(
    name: string,
    replicas: number,
    labels: Record<string, string> | undefined,
  ): Promise<void> {
    const template = {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    const spec = { replicas, selector: { matchLabels: { app: name } }, template };
    await this.#server.client.post('/apis/apps/v1/namespaces/errs/deployments', {
      metadata: { name, labels },
      spec,
    });
  }

  async #after(vector: RequestVector): Promise<void> {
    if (vector.name.startsWith('ok-') && vector.method === 'POST') {
      const { metadata } = JSON.parse(vector.answer) as KubeObject;
      await this.#server.client.send(
        'DELETE',
        `${vector.path.split('?')[0]}/${metadata.name}?gracePeriodSeconds=0`,
      );
    }
    if (vector.name === 'page-1')
      await this.#server.client.send('DELETE', `${vector.path.split('?')[0]}/pg5`);
  }

  async #step(step: Step): Promise<void> {
    if (step.contentType.includes('apply-patch')) {
      // Not served; what it made is needed for lists.
      if (step.path.includes('/configmaps/ssa'))
        await this.#server.client.post('/api/v1/namespaces/errs/configmaps', {
          metadata: { name: 'ssa' },
          data: { a: '2' },
        });
      return;
    }
    const reply = await this.#send(
      step.method,
      step.path,
      step.contentType,
      await this.#translate(step.body, step.path),
    );
    // "Service a was patched back to NodePort with port http 80/31111".
    if (step.path.endsWith('/services/a') && step.body.includes('"ClusterIP"'))
      await this.#send('PATCH', step.path, step.contentType, step.body.replace('ClusterIP', 'NodePort'));
    const made = reply.json?.metadata?.name as string | undefined;
    // Accepted where an error had been expected, and deleted at once.
    if (step.method === 'POST' && made?.startsWith('x'))
      await this.#server.client.send('DELETE', `${step.path}/${made}?gracePeriodSeconds=0`);
  }

  async #compare(vector: RequestVector): Promise<Outcome> {
    this.#clock.now = new Date(vector.at);
    const isStream = /[?&]watch=|\/watch\//.test(vector.path);
    if (vector.name === 'err-page-continue-expired') this.#server.api.store.compact();
    const reply = isStream ? await this.#stream(vector) : await this.#request(vector);
    const lines: string[] = [];
    if (reply.code !== vector.code)
      lines.push(`code: recorded ${vector.code}, ours ${reply.code} ${reply.text.slice(0, 300)}`);
    for (const header of ['content-type', 'warning']) {
      const recorded = vector.answerHeaders.filter(([name]) => name === header).map(([, value]) => value);
      const own = reply.headers[header];
      const ours =
        header === 'warning' ? splitWarnings(String(own ?? '')) : own === undefined ? [] : [String(own)];
      if (JSON.stringify(recorded) !== JSON.stringify(ours))
        lines.push(`${header}: recorded ${JSON.stringify(recorded)}, ours ${JSON.stringify(ours)}`);
    }
    if (vector.method !== 'HEAD') {
      const streams = isStream && vector.code === 200;
      const allowed = allocated(vector);
      const found = differences(
        bookmarkOnce(normalise(vector.answer, streams)),
        normalise(reply.text, streams),
        allowed,
      );
      lines.push(...found);
    }
    this.#learn(vector, reply.json);
    return { name: vector.name, group: vector.group, lines };
  }

  /** A watch, read while what its notes say is done to the objects it watches. */
  async #stream(vector: RequestVector) {
    const { store } = this.#server.api;
    const from = /resourceVersion=\d{2,}/.test(vector.path) ? String(store.revision) : undefined;
    const path = vector.path
      .replace(/timeoutSeconds=\d+/, 'timeoutSeconds=1')
      .replace(/resourceVersion=1\d{3}$/, `resourceVersion=${from}`);
    const url = path.includes('timeoutSeconds') ? path : `${path}&timeoutSeconds=1`;
    const answer = this.#request({ ...vector, path: url });
    // The server answers in order of arrival, so the watch is on before the first change.
    if (vector.cmd.includes('# note: meanwhile: create w1')) await this.#changeConfigMap();
    if (vector.cmd.includes('# note: meanwhile: patch service a')) await this.#changeService();
    return answer;
  }

  async #changeConfigMap(): Promise<void> {
    await this.#server.client.get('/version');
    const path = '/api/v1/namespaces/errs/configmaps';
    await this.#server.client.post(path, { metadata: { name: 'w1', labels: { w: '1' } }, data: { a: '1' } });
    for (const change of [
      '{"data":{"a":"2"}}',
      '{"metadata":{"labels":{"w":"2"}}}',
      '{"metadata":{"labels":{"w":"1"}}}',
    ])
      await this.#send('PATCH', `${path}/w1`, 'application/merge-patch+json', change);
    await this.#server.client.send('DELETE', `${path}/w1`);
  }

  async #changeService(): Promise<void> {
    await this.#server.client.get('/version');
    const path = '/api/v1/namespaces/errs/services/a';
    const port = (number: number): string =>
      `{"spec":{"ports":[{"name":"http","port":${number},"nodePort":31111}]}}`;
    for (const change of [port(82), port(80), '{"metadata":{"labels":{"seen":"1"}}}'])
      await this.#send('PATCH', path, 'application/merge-patch+json', change);
  }

  async #request(vector: RequestVector) {
    const { Authorization, ...headers } = vector.headers;
    const token =
      Authorization === 'Bearer <admin>' ? undefined : (Authorization?.replace('Bearer ', '') ?? '');
    const path = this.#path(vector.path);
    const body = await this.#translate(vector.body, vector.path);
    const expects409 = vector.code === 409;
    const sent = expects409 ? vector.body : body;
    const given = vector.headers['Content-Type'] === undefined ? { 'Content-Type': '' } : {};
    return this.#server.client.send(vector.method, path, {
      headers: { ...(sent === '' ? {} : given), ...headers },
      ...(token === undefined ? {} : { token }),
      ...(sent === '' ? {} : { body: sent }),
    });
  }

  #send(method: string, path: string, contentType: string, body: string) {
    return this.#server.client.send(method, path, {
      headers: { 'Content-Type': contentType },
      ...(body === '' ? {} : { body }),
    });
  }

  /** A recorded path for our server: revisions and continue tokens are ours. */
  #path(path: string): string {
    const token = /continue=([A-Za-z0-9_-]+)/.exec(path)?.[1];
    if (token === undefined || token.length < 10) return path;
    const { start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { start: string };
    const first = this.#tokens.get('page-1') ?? '';
    const revision =
      first === '' ? 1 : (JSON.parse(Buffer.from(first, 'base64url').toString()) as { rv: number }).rv;
    const ours = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString(
      'base64url',
    );
    return path.replace(token, ours);
  }

  /** A recorded body for our server: uids and versions of objects are ours, where it had the right ones. */
  async #translate(body: string, path: string): Promise<string> {
    if (!/"(uid|resourceVersion)"/.test(body)) return body;
    let object: KubeObject;
    try {
      object = JSON.parse(body) as KubeObject;
    } catch {
      return body;
    }
    const { metadata } = object;
    if (!metadata) return body;
    const current = await this.#server.client.get(path.split('?')[0] ?? '');
    if (/^[0-9a-f-]{36}$/.test(metadata.uid ?? '') && current.json?.metadata?.uid)
      metadata.uid = current.json.metadata.uid;
    const spec = object.spec as { clusterIP?: string; clusterIPs?: string[] } | undefined;
    if (spec?.clusterIP && current.json?.spec?.clusterIP) {
      spec.clusterIP = current.json.spec.clusterIP;
      spec.clusterIPs = current.json.spec.clusterIPs;
    }
    if (/^\d+$/.test(metadata.resourceVersion ?? '') && current.json?.metadata?.resourceVersion)
      metadata.resourceVersion = current.json.metadata.resourceVersion;
    return JSON.stringify(object);
  }

  #learn(vector: RequestVector, answer: { metadata?: { continue?: string } } | undefined): void {
    const token = answer?.metadata?.continue;
    if (token !== undefined) this.#tokens.set(vector.name, token);
  }
}

/** Whether two values may differ because the server chose them: addresses, ports and name suffixes not asked for. */
function allocated({
  body,
  method,
}: RequestVector): (recorded: unknown, ours: unknown, path: string) => boolean {
  const isAddress = (value: unknown): boolean => /^10\.96\.\d+\.\d+$/.test(String(value));
  const isPort = (value: unknown): boolean => typeof value === 'number' && value >= 30000 && value <= 32769;
  return (recorded, ours, path) =>
    (path.includes('.columnDefinitions.') && isReworded(recorded, ours)) ||
    ((method === 'PUT' || !body.includes(String(recorded))) &&
      ((isAddress(recorded) && isAddress(ours)) ||
        (isPort(recorded) && isPort(ours)) ||
        (/^gen-.{5}$/.test(String(recorded)) && /^gen-.{5}$/.test(String(ours)))));
}

/** A column's description is the field's, whose wording changes from one release to the next. */
function isReworded(recorded: unknown, ours: unknown): boolean {
  const isLong = (value: unknown): value is string => typeof value === 'string' && value.length > 100;
  return (
    isLong(recorded) &&
    isLong(ours) &&
    recorded.slice(0, 30) === ours.slice(0, 30) &&
    !recorded.startsWith('{')
  );
}

/** A longer watch got more bookmarks. */
function bookmarkOnce(answer: unknown): unknown {
  if (!Array.isArray(answer)) return answer;
  const isBookmark = (event: { type?: string } | undefined): boolean => event?.type === 'BOOKMARK';
  return answer.filter((event, index) => !isBookmark(event) || !isBookmark(answer[index - 1]));
}

function splitWarnings(header: string): string[] {
  return header === '' ? [] : header.split(/, (?=299 )/);
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
