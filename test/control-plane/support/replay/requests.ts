import type { KubeObject } from '../../../../lab/control-plane/registry/index.ts';
import type { Reply } from '../client.ts';
import type { RequestVector } from '../vectors.ts';
import type { RecordedCluster } from './cluster.ts';

/** Sends recorded requests to our server: what that chose itself (uids, versions, tokens of lists) takes the recorded one's place. */
export class Requests {
  readonly #cluster: RecordedCluster;
  /** Continue tokens by the vector they came from. */
  readonly #tokens = new Map<string, string>();

  constructor(cluster: RecordedCluster) {
    this.#cluster = cluster;
  }

  async send(vector: RequestVector): Promise<Reply> {
    const { Authorization, ...headers } = vector.headers;
    const token =
      Authorization === 'Bearer <admin>' ? undefined : (Authorization?.replace('Bearer ', '') ?? '');
    // What was refused as a conflict is sent as it was.
    const body = vector.code === 409 ? vector.body : await this.translate(vector.body, vector.path);
    const given = vector.headers['Content-Type'] === undefined ? { 'Content-Type': '' } : {};
    return this.#cluster.server.client.send(vector.method, this.#path(vector.path), {
      headers: { ...(body === '' ? {} : given), ...headers },
      ...(token === undefined ? {} : { token }),
      ...(body === '' ? {} : { body }),
    });
  }

  /** A recorded body for our server: uids and versions of objects are ours, where it had the right ones. */
  async translate(body: string, path: string): Promise<string> {
    if (!/"(uid|resourceVersion)"/.test(body)) return body;
    let object: KubeObject;
    try {
      object = JSON.parse(body) as KubeObject;
    } catch {
      return body;
    }
    const { metadata } = object;
    if (!metadata) return body;
    const { json: current } = await this.#cluster.get(path.split('?')[0] ?? '');
    if (/^[0-9a-f-]{36}$/.test(metadata.uid ?? '') && current?.metadata?.uid)
      metadata.uid = current.metadata.uid;
    const spec = object.spec as { clusterIP?: string; clusterIPs?: string[] } | undefined;
    if (spec?.clusterIP && current?.spec?.clusterIP) {
      spec.clusterIP = current.spec.clusterIP;
      spec.clusterIPs = current.spec.clusterIPs;
    }
    if (/^\d+$/.test(metadata.resourceVersion ?? '') && current?.metadata?.resourceVersion)
      metadata.resourceVersion = current.metadata.resourceVersion;
    return JSON.stringify(object);
  }

  /** Remembers what later requests refer to. */
  learn(vector: RequestVector, answer: { metadata?: { continue?: string } } | undefined): void {
    const token = answer?.metadata?.continue;
    if (token !== undefined) this.#tokens.set(vector.name, token);
  }

  /** A recorded path for our server: revisions and continue tokens are ours. */
  #path(path: string): string {
    const token = /continue=([A-Za-z0-9_-]+)/.exec(path)?.[1];
    if (token === undefined || token.length < 10) return path;
    const { start } = decoded(token);
    const first = this.#tokens.get('page-1');
    const rv = first === undefined ? 1 : decoded(first).rv;
    const ours = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start })).toString('base64url');
    return path.replace(token, ours);
  }
}

/** A continue token is the base64 of where the next page starts. */
const decoded = (token: string) =>
  JSON.parse(Buffer.from(token, 'base64url').toString()) as { rv: number; start: string };
