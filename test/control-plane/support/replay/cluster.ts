import type { Kind, KubeObject } from '../../../../lab/control-plane/registry/index.ts';
import type { Reply } from '../client.ts';
import { loadMainState } from '../main-state.ts';
import { startTestServer, type TestServer } from '../server.ts';
import { requestVectors } from '../vectors.ts';

const MERGE_PATCH = 'application/merge-patch+json';

/** A server of ours in the place of the recorded one, at the recorded time. */
export class RecordedCluster {
  readonly server: TestServer;
  readonly kinds: readonly Kind[];
  readonly #clock: { now: Date };

  static async start(kinds: readonly Kind[], at = '2026-11-20T10:51:00Z'): Promise<RecordedCluster> {
    const clock = { now: new Date(at) };
    const server = await startTestServer({
      kinds,
      advertiseAddress: '10.1.110.108',
      podCIDR: '10.244.0.0/16',
      now: () => clock.now,
    });
    return new RecordedCluster(server, kinds, clock);
  }

  private constructor(server: TestServer, kinds: readonly Kind[], clock: { now: Date }) {
    this.server = server;
    this.kinds = kinds;
    this.#clock = clock;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  setTime(at: string): void {
    this.#clock.now = new Date(at);
  }

  loadMain(): Promise<void> {
    return loadMainState(this.server, this.kinds);
  }

  get(path: string): Promise<Reply> {
    return this.server.client.get(path);
  }

  post(path: string, body: unknown): Promise<Reply> {
    return this.server.client.post(path, body);
  }

  delete(path: string): Promise<Reply> {
    return this.server.client.send('DELETE', path);
  }

  /** A merge patch. */
  patch(path: string, change: unknown): Promise<Reply> {
    return this.send('PATCH', path, MERGE_PATCH, JSON.stringify(change));
  }

  send(method: string, path: string, contentType: string, body: string): Promise<Reply> {
    return this.server.client.send(method, path, {
      headers: { 'Content-Type': contentType },
      ...(body === '' ? {} : { body }),
    });
  }

  /** Gives an object the status that a recorded answer shows. */
  async takeStatus(path: string, vector: string): Promise<void> {
    await this.patch(`${path}/status`, { status: recordedStatus(vector) });
  }

  /** Status and annotation of a deployment as a recorded answer shows them. */
  async takeRollout(path: string, vector: string): Promise<void> {
    const annotations = { 'deployment.kubernetes.io/revision': '1' };
    const change = { metadata: { annotations }, status: recordedStatus(vector) };
    await this.patch(path, change);
    await this.patch(`${path}/status`, change);
  }
}

function recordedStatus(vector: string): unknown {
  const answer = requestVectors().find(({ name }) => name === vector)?.answer ?? '{}';
  return (JSON.parse(answer) as KubeObject).status;
}
