import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { ApiObject, Status } from '../objects/index.ts';
import { ApiError } from './api-error.ts';
import type { ApiClient, DeleteOptions, ListOptions, WatchEvent } from './client.ts';
import { jsonLines } from './json-lines.ts';
import { type ResourceRef, resourcePath } from './resources.ts';

export interface HttpsClientOptions {
  /** e.g. `https://10.1.110.108:6443`. */
  readonly server: string;
  /** Sent with every request; a function is asked each time, for tokens that are replaced while the program runs. */
  readonly token: string | (() => string);
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string | Buffer;
  /** e.g. `kubelet`. */
  readonly userAgent?: string;
}

/** The lab's kubeconfig for programs: `/etc/kubernetes/<component>.json`. */
interface ClientConfigFile {
  readonly server: string;
  readonly token: string;
  readonly caFile: string;
}

/** A request without an answer for this long has been lost. Of a watch, the head of the answer is meant. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Calls of one client that may be under way at a time; watches are not among them. */
const MAX_CALLS = 16;
/** A watch that says nothing for this long is opened anew: its server may have vanished without a farewell. */
const SILENT_WATCH_MS = 120_000;
const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
} as const;

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/**
 * The API over HTTPS with kept-alive connections.
 *
 * @throws ApiError for every refusal; Error (ECONNREFUSED, time-out) when there is no answer
 */
export function httpsClient(options: HttpsClientOptions): ApiClient {
  const { hostname, port } = new URL(options.server);
  // One for all connections: otherwise each would parse the certificate and keep a context of its own.
  const secureContext = createSecureContext({ ca: options.ca });
  const base = { host: hostname, port: Number(port || 443), secureContext };
  // LIFO keeps few connections busy. A watch holds its own, which it finds free: that of the list before it. A connection
  // takes either side several milliseconds to make, and all programs of a lab start at once.
  const agent = new Agent({ ...base, keepAlive: true, scheduling: 'lifo', maxFreeSockets: MAX_CALLS });
  const inTurn = atMost(MAX_CALLS);
  const { token, userAgent = 'hoplab' } = options;
  const bearer = typeof token === 'string' ? () => token : token;

  function send(exchange: Exchange, signal?: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const body = exchange.body === undefined ? undefined : Buffer.from(JSON.stringify(exchange.body));
      const headers: Record<string, string | number> = {
        authorization: `Bearer ${bearer()}`,
        'user-agent': userAgent,
        accept: 'application/json',
      };
      if (body) {
        headers['content-type'] = exchange.contentType ?? 'application/json';
        headers['content-length'] = body.length;
      }
      const { method, path } = exchange;
      const outgoing = request(
        { ...base, agent, method, path, headers, ...(signal ? { signal } : {}) },
        (response) => {
          // How long a watch may be silent is its own matter.
          if (signal) outgoing.off('timeout', late);
          resolve(response);
        },
      );
      const late = () =>
        outgoing.destroy(new Error(`no answer from ${options.server} to ${method} ${path} within 30 s`));
      outgoing.setNoDelay(true);
      outgoing.on('error', reject);
      outgoing.setTimeout(REQUEST_TIMEOUT_MS, late);
      outgoing.end(body);
    });
  }

  const call = <T>(exchange: Exchange): Promise<T> =>
    inTurn(async () => readAnswer<T>(await send(exchange), `${exchange.method} ${exchange.path}`));

  const client: ApiClient = {
    get: (ref, name, namespace) => call({ method: 'GET', path: resourcePath(ref, { namespace, name }) }),
    async list<T>(ref: ResourceRef, listOptions: ListOptions = {}) {
      const path = resourcePath(ref, { namespace: listOptions.namespace }) + query(selectors(listOptions));
      const list = await call<{ items?: T[] | null; metadata?: { resourceVersion?: string } }>({
        method: 'GET',
        path,
      });
      return { items: list.items ?? [], resourceVersion: list.metadata?.resourceVersion ?? '0' };
    },
    create: (ref, object, { subresource } = {}) =>
      call({
        method: 'POST',
        path: resourcePath(ref, {
          namespace: object.metadata.namespace,
          ...(subresource ? { name: nameOf(object), subresource } : {}),
        }),
        body: object,
      }),
    update: (ref, object, { subresource } = {}) =>
      call({ method: 'PUT', path: objectPath(ref, object, subresource), body: object }),
    updateStatus: (ref, object) =>
      call({ method: 'PUT', path: objectPath(ref, object, 'status'), body: object }),
    patch: (ref, name, namespace, patch, { type = 'merge', subresource } = {}) =>
      call({
        method: 'PATCH',
        path: resourcePath(ref, { namespace, name, subresource }),
        body: patch,
        contentType: PATCH_TYPES[type],
      }),
    delete: (ref, name, namespace, deleteOptions) =>
      call({
        method: 'DELETE',
        path: resourcePath(ref, { namespace, name }),
        body: deleteBody(deleteOptions),
      }),
    async deleteCollection(ref, namespace, deleteOptions = {}) {
      const path = resourcePath(ref, { namespace }) + query(selectors(deleteOptions));
      await call({ method: 'DELETE', path, body: deleteBody(deleteOptions) });
    },
    async *watch<T>(
      ref: ResourceRef,
      { signal, resourceVersion, ...rest }: Parameters<ApiClient['watch']>[1],
    ) {
      const parameters = { ...selectors(rest), watch: 'true', allowWatchBookmarks: 'true', resourceVersion };
      const path = resourcePath(ref, { namespace: rest.namespace }) + query(parameters);
      const response = await send({ method: 'GET', path }, signal);
      if (response.statusCode !== 200) await readAnswer(response, `GET ${path}`);
      response.socket.setKeepAlive(true, 15_000);
      response.setTimeout(SILENT_WATCH_MS, () => response.destroy());
      for await (const value of jsonLines(response)) {
        const event = value as { type: string; object: unknown };
        if (event.type === 'ERROR') throw new ApiError(event.object as Status);
        yield event as WatchEvent<T>;
      }
    },
  };
  return client;
}

/** The client that a component's configuration file describes. */
export function clientFromFile(path: string, userAgent?: string): ApiClient {
  const config = JSON.parse(readFileSync(path, 'utf8')) as ClientConfigFile;
  return httpsClient({
    server: config.server,
    token: config.token,
    ca: readFileSync(config.caFile),
    ...(userAgent ? { userAgent } : {}),
  });
}

async function readAnswer<T>(response: IncomingMessage, what: string): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const code = response.statusCode ?? 500;
  if (code < 300) return (text === '' ? undefined : JSON.parse(text)) as T;
  throw new ApiError({ code, message: `${what}: ${code} ${text.slice(0, 300)}`, ...parseStatus(text) });
}

function parseStatus(text: string): Status {
  try {
    const value = JSON.parse(text) as Status | null;
    return value !== null && typeof value === 'object' && value.kind === 'Status' ? value : {};
  } catch {
    return {};
  }
}

function nameOf(object: ApiObject): string {
  if (object.metadata.name) return object.metadata.name;
  throw new Error(`a ${object.kind ?? 'object'} to be written has no metadata.name`);
}

function objectPath(ref: ResourceRef, object: ApiObject, subresource?: string): string {
  return resourcePath(ref, { namespace: object.metadata.namespace, name: nameOf(object), subresource });
}

function selectors(options: ListOptions): Record<string, string> {
  const { labelSelector, fieldSelector } = options;
  return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
}

function query(parameters: Record<string, string>): string {
  const text = new URLSearchParams(parameters).toString();
  return text === '' ? '' : `?${text}`;
}

function deleteBody(options: DeleteOptions = {}): unknown {
  const { gracePeriodSeconds, propagationPolicy, uid, resourceVersion } = options;
  const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy ? { propagationPolicy } : {}),
    ...(Object.keys(preconditions).length > 0 ? { preconditions } : {}),
  };
}

/** Lets so many run at a time; the others wait in the order in which they came. */
function atMost(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
