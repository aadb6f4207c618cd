import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { badRequest, type KubeObject, notFound, StatusError } from '../registry/index.ts';
import type { ServerState } from './context.ts';
import type { ResourcePath } from './request-info.ts';

/** How kubelets are reached. */
export interface KubeletAccess {
  /** PEM of the CA that signed the kubelets' certificates. */
  readonly ca: string | undefined;
  readonly token: string;
  readonly port: number;
}

export const STREAMS = ['exec', 'attach', 'portforward'] as const;

/** Where on which kubelet a request for a pod goes. */
export interface KubeletTarget {
  readonly host: string;
  readonly path: string;
}

/** @returns whether a path is one whose bytes are forwarded to a kubelet */
export function isProxied(path: ResourcePath | undefined): path is ResourcePath & { subresource: string } {
  if (path?.plural !== 'pods' || path.group !== '' || path.name === undefined) return false;
  return (
    path.subresource === 'log' || (STREAMS as readonly (string | undefined)[]).includes(path.subresource)
  );
}

/**
 * Finds the kubelet of a pod and the path there.
 * @throws StatusError 404 without the pod, 400 for a pod without node and containers that are not there
 */
export function kubeletTarget(state: ServerState, path: ResourcePath, query: URLSearchParams): KubeletTarget {
  const name = path.name ?? '';
  const pod = state.store.get('pods', path.namespace, name)?.object;
  if (!pod) throw notFound({ group: '', name: 'pods' }, name);
  const { nodeName } = (pod.spec ?? {}) as { nodeName?: string };
  const forwarded = new URLSearchParams(query);
  forwarded.delete('container');
  const subresource = path.subresource ?? '';
  const container = subresource === 'portforward' ? undefined : containerOf(pod, query.get('container'));
  if (!nodeName) {
    if (subresource === 'log') return { host: '', path: '' };
    throw badRequest(`pod ${name} does not have a host assigned`);
  }
  const prefix = { log: 'containerLogs', portforward: 'portForward' }[subresource] ?? subresource;
  const segments = [prefix, path.namespace ?? '', name, ...(container === undefined ? [] : [container])];
  const tail = forwarded.size > 0 ? `?${forwarded}` : '';
  return { host: addressOf(state, nodeName), path: `/${segments.map(encodeURIComponent).join('/')}${tail}` };
}

function containerOf(pod: KubeObject, wanted: string | null): string {
  const {
    containers = [],
    initContainers = [],
    ephemeralContainers = [],
  } = (pod.spec ?? {}) as Record<string, { name: string }[] | undefined>;
  const names = (list: readonly { name: string }[]): string => list.map((each) => each.name).join(' ');
  if (wanted === null || wanted === '') {
    const [only] = containers;
    const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
    if (chosen !== undefined && containers.some((each) => each.name === chosen)) return chosen;
    if (only && containers.length === 1) return only.name;
    const extra =
      initContainers.length > 0 ? ` or one of the init containers: [${names(initContainers)}]` : '';
    throw badRequest(
      `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names(containers)}]${extra}`,
    );
  }
  if ([...containers, ...initContainers, ...ephemeralContainers].some((each) => each.name === wanted))
    return wanted;
  throw badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name}`);
}

function addressOf(state: ServerState, nodeName: string): string {
  const node = state.store.get('nodes', undefined, nodeName)?.object;
  const { addresses = [] } = (node?.status ?? {}) as { addresses?: { type: string; address: string }[] };
  const address = addresses.find(({ type }) => type === 'InternalIP')?.address;
  if (address !== undefined) return address;
  throw new StatusError({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: no address of node ${nodeName} is known: its kubelet has not registered it`,
  });
}

/** Streams a container's log. Resolves when the log has ended or the client has gone. */
export function proxyLog(
  target: KubeletTarget,
  access: KubeletAccess,
  response: ServerResponse,
): Promise<void> {
  if (target.host === '') {
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end();
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(requestOptions(target, access), (incoming) => {
      if (incoming.statusCode !== 200) {
        refusal(incoming).then(reject, reject);
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' });
      response.flushHeaders();
      incoming.pipe(response);
      incoming.on('error', () => response.destroy());
    });
    response.on('close', () => {
      outgoing.destroy();
      resolve();
    });
    outgoing.on('error', (error) => reject(unreachable(target, error)));
    outgoing.end();
  });
}

function requestOptions(target: KubeletTarget, { ca, token, port }: KubeletAccess): RequestOptions {
  return {
    host: target.host,
    port,
    path: target.path,
    ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
    headers: { Authorization: `Bearer ${token}` },
    agent: false,
  };
}

/** What a kubelet answers in plain text, as the Status clients expect (apiserver's GenericHttpResponseChecker). */
async function refusal(incoming: IncomingMessage): Promise<StatusError> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > 64 << 10) break;
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString().trim();
  const code = incoming.statusCode ?? 500;
  if (code === 400) return badRequest(text);
  if (code === 404) return new StatusError({ code, reason: 'NotFound', message: text });
  return new StatusError({ code, reason: 'InternalError', message: `Internal error occurred: ${text}` });
}

function unreachable({ host }: KubeletTarget, error: Error): StatusError {
  return new StatusError({
    code: 502,
    reason: 'BadGateway',
    message: `error dialing backend: ${error.message} (kubelet at ${host})`,
  });
}

/**
 * Hands an upgraded connection (WebSocket or SPDY) to the kubelet: it sends the client's request on with its own
 * credentials, then only passes bytes both ways.
 */
export function proxyUpgrade(
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
  target: KubeletTarget,
  access: KubeletAccess,
  fail: (error: StatusError) => void,
): void {
  const kubelet = tlsConnect({
    host: target.host,
    port: access.port,
    ...(access.ca === undefined ? { rejectUnauthorized: false } : { ca: access.ca }),
    ALPNProtocols: ['http/1.1'],
  });
  let connected = false;
  kubelet.on('secureConnect', () => {
    connected = true;
    kubelet.write(requestHead(incoming, target, access));
    if (head.length > 0) kubelet.write(head);
    client.pipe(kubelet);
    kubelet.pipe(client);
  });
  kubelet.on('error', (error) => {
    if (connected) client.destroy();
    else fail(unreachable(target, error));
  });
  client.on('error', () => kubelet.destroy());
  client.on('close', () => kubelet.destroy());
  kubelet.on('close', () => client.destroy());
}

/** Headers that are between the client and this server. */
const OWN_HEADERS = new Set(['host', 'authorization']);

function requestHead(incoming: IncomingMessage, target: KubeletTarget, access: KubeletAccess): string {
  const lines = [`${incoming.method} ${target.path} HTTP/1.1`, `Host: ${target.host}:${access.port}`];
  lines.push(`Authorization: Bearer ${access.token}`);
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index] ?? '';
    if (!OWN_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${incoming.rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
