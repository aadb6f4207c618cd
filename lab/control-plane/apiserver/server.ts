import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { methodNotAllowed, notFound, resourceKey, StatusError, unknownResource } from '../registry/index.ts';
import type { Authenticator, User } from './auth.ts';
import type { ResourceRequest, ServerState } from './context.ts';
import { mediaType, readBody } from './decode/body.ts';
import { Discovery } from './discovery/routes.ts';
import { dispatch, verbOf, type Watching } from './dispatch.ts';
import { health } from './health.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { type Answer, jsonAnswer, pageNotFound, textAnswer } from './output/answer.ts';
import { negotiate } from './output/negotiate.ts';
import { send } from './output/send.ts';
import { isProxied, type KubeletAccess, kubeletTarget, proxyLog, proxyUpgrade } from './proxy.ts';
import { parseResourcePath, type ResourcePath } from './request-info.ts';
import { REVIEWS, review } from './reviews.ts';
import { parseFlag } from './verbs/options.ts';
import { bind } from './verbs/pod-actions.ts';

export interface HttpOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  readonly authenticator: Authenticator;
  readonly kubelet: KubeletAccess;
  readonly log: Log;
}

/** A request must be in within this time, and its headers within the other: slow clients hold nothing for long. */
const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_MS = 120_000;

/** The HTTP side of the API server: finds out who asks for what, answers, counts. */
export class ApiHttpServer {
  readonly metrics = new Metrics();
  readonly server: Server;
  readonly #state: ServerState;
  readonly #options: HttpOptions;
  readonly #discovery: Discovery;
  readonly #watching = new Set<Watching>();
  readonly #sockets = new Set<Duplex>();
  #stopping = false;

  constructor(state: ServerState, options: HttpOptions) {
    this.#state = state;
    this.#options = options;
    const { advertiseAddress, securePort } = state.settings;
    this.#discovery = new Discovery(state.registry, `${advertiseAddress}:${securePort}`);
    this.server = createServer({
      key: options.key,
      cert: options.cert,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      noDelay: true,
    });
    this.server.maxHeadersCount = 200;
    this.server.on('request', (request, response) => void this.#serve(request, response));
    this.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
  }

  /** Ends watches so that clients reconnect, waits for requests under way, then closes what is left. */
  async close(): Promise<void> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const watching of this.#watching) watching.stop();
    this.server.closeIdleConnections();
    const force = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, 2000);
    await closed;
    clearTimeout(force);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const warnings: string[] = [];
    const { method = 'GET', url = '/' } = request;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    const resourcePath = parseResourcePath(path);
    this.metrics.inFlight++;
    let code = 0;
    let watching = false;
    try {
      // A socket error must not become an uncaught exception.
      response.on('error', () => undefined);
      const answer = await this.#answer({ request, response, method, path, query, resourcePath, warnings });
      if ('ended' in answer) {
        watching = true;
        code = 200;
        this.#watching.add(answer);
        if (this.#stopping) answer.stop();
        await answer.ended;
        this.#watching.delete(answer);
        if (response.destroyed && !response.writableFinished) this.metrics.droppedWatchers++;
      } else {
        code = answer.code;
        if (!response.headersSent)
          await send(response, pretty(answer, request, query), warnings, method === 'HEAD');
      }
    } catch (error) {
      code = await this.#refuse(error, request, response, warnings);
    } finally {
      this.metrics.inFlight--;
      const verb = verbOf(method, resourcePath?.name !== undefined, watching);
      // Labels only of what is served: paths of the client's invention would grow the table without bound.
      const known = resourcePath && this.#find(resourcePath) ? resourcePath.plural : '';
      this.metrics.observe(known === '' ? 'OTHER' : verb, known, code, (performance.now() - started) / 1000);
    }
  }

  async #refuse(
    error: unknown,
    request: IncomingMessage,
    response: ServerResponse,
    warnings: readonly string[],
  ): Promise<number> {
    const status = error instanceof StatusError ? error : this.#internal(error, request);
    if (response.headersSent) response.destroy();
    else {
      // What has not been read of a body would be taken for the next request.
      if (!request.complete) response.setHeader('Connection', 'close');
      await send(response, jsonAnswer(status.toStatus(), status.code), warnings, request.method === 'HEAD');
      if (!request.complete) request.resume();
    }
    return status.code;
  }

  #internal(error: unknown, request: IncomingMessage): StatusError {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if ((error as { code?: string }).code === 'ECONNRESET')
      return new StatusError({ code: 400, message: 'client gone' });
    this.#options.log('E', `${request.method} ${request.url}: ${text}`);
    return new StatusError({
      code: 500,
      reason: 'InternalError',
      message: `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
      details: { causes: [{ reason: '', message: String(error) }] },
    });
  }

  #find(path: ResourcePath) {
    return this.#state.registry.find(path.group, path.version, path.plural);
  }

  async #answer(call: Call): Promise<Answer | Watching> {
    const { request, response, method, path, query, resourcePath } = call;
    const open = health(path, query);
    if (open) return open;
    const user = this.#options.authenticator.authenticate(request);
    if (!resourcePath) return this.#describe(call);
    const served = this.#find(resourcePath);
    if (!served) return this.#unserved(call, resourcePath, user);
    if (isProxied(resourcePath)) {
      if (resourcePath.subresource !== 'log') throw upgradeRequired();
      if (method !== 'GET') throw methodNotAllowed();
      const target = kubeletTarget(this.#state, resourcePath, query);
      await proxyLog(target, this.#options.kubelet, response);
      return textAnswer('');
    }
    const warning = served.conversion?.warning;
    if (warning !== undefined) call.warnings.push(warning);
    const streams = resourcePath.name === undefined && method === 'GET';
    const output = negotiate(request.headers.accept, streams);
    const resourceRequest: ResourceRequest = {
      ...this.#base(call, resourcePath, user, await bodyOf(request, method)),
      served,
      resource: resourceKey(served.kind),
      output,
    };
    return dispatch(resourceRequest, response);
  }

  #base(call: Call, path: ResourcePath, user: User, body: Buffer) {
    const { request, method, query, warnings } = call;
    return {
      state: this.#state,
      user,
      path,
      query,
      method,
      body,
      contentType: mediaType(request),
      incoming: request,
      warn: (text: string): void => {
        if (!warnings.includes(text)) warnings.push(text);
      },
    };
  }

  /** Paths of the server itself. */
  #describe({ request, method, path }: Call): Answer {
    if (path === '/metrics') return textAnswer(this.metrics.render(this.#state.store));
    if (path === '/' || path === '') return jsonAnswer({ paths: this.#paths() });
    const answer = this.#discovery.answer(path, request.headers.accept ?? '');
    if (!answer) return pageNotFound();
    if (method !== 'GET') throw methodNotAllowed();
    return answer;
  }

  #paths(): readonly string[] {
    const groups = [...this.#state.registry.groups()].flatMap(([group, versions]) =>
      group === '' ? [] : [`/apis/${group}`, ...versions.map((version) => `/apis/${group}/${version}`)],
    );
    const own = [
      '/api',
      '/api/v1',
      '/apis',
      '/healthz',
      '/livez',
      '/metrics',
      '/openapi/v2',
      '/openapi/v3',
      '/readyz',
      '/version',
    ];
    return [...own, ...groups].sort();
  }

  /** Paths below a version that no kind answers: reviews, bindings, or nothing. */
  async #unserved(call: Call, path: ResourcePath, user: User): Promise<Answer> {
    const { request, method } = call;
    const asked = REVIEWS.find(
      ({ group, version, plural }) =>
        group === path.group && version === path.version && plural === path.plural,
    );
    if (asked && path.name === undefined) {
      if (method !== 'POST') throw methodNotAllowed();
      return review(asked, await readBody(request), mediaType(request), user, this.#state.now());
    }
    const pods = this.#state.registry.find('', 'v1', 'pods');
    if (path.group === '' && path.plural === 'bindings' && path.namespace !== undefined && pods) {
      if (method !== 'POST') throw methodNotAllowed();
      const base = this.#base(call, path, user, await readBody(request));
      return bind({ ...base, served: pods, resource: 'pods', output: negotiate(undefined, false) });
    }
    const known =
      this.#state.registry.inVersion(path.group, path.version).length > 0 ||
      REVIEWS.some(({ group, version }) => group === path.group && version === path.version);
    if (!known) return pageNotFound();
    throw unknownResource();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fail = (error: unknown): void => {
      const status = error instanceof StatusError ? error : this.#internal(error, request);
      const body = JSON.stringify(status.toStatus());
      socket.end(
        `HTTP/1.1 ${status.code} ${status.reason ?? 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    };
    socket.on('error', () => socket.destroy());
    try {
      this.#options.authenticator.authenticate(request);
      const url = request.url ?? '/';
      const mark = url.indexOf('?');
      const path = parseResourcePath(mark < 0 ? url : url.slice(0, mark));
      const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
      if (!isProxied(path) || path.subresource === 'log')
        throw notFound({ group: '', name: 'upgrade' }, mark < 0 ? url : url.slice(0, mark));
      const target = kubeletTarget(this.#state, path, query);
      // From here on the connection belongs to the stream, which may be silent for long.
      (socket as Socket).setTimeout(0);
      proxyUpgrade(request, socket, head, target, this.#options.kubelet, fail);
    } catch (error) {
      fail(error);
    }
  }
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly resourcePath: ResourcePath | undefined;
  readonly warnings: string[];
}

const NO_BODY = Buffer.alloc(0);

async function bodyOf(request: IncomingMessage, method: string): Promise<Buffer> {
  return method === 'GET' || method === 'HEAD' ? NO_BODY : readBody(request);
}

function upgradeRequired(): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message: 'Upgrade request required' });
}

/** Indented JSON for people: `?pretty`, curl and wget, as the real server does. */
function pretty(answer: Answer, request: IncomingMessage, query: URLSearchParams): Answer {
  const wanted = query.has('pretty')
    ? parseFlag(query.get('pretty'))
    : /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
  if (!wanted || answer.contentType !== 'application/json') return answer;
  const text = JSON.stringify(JSON.parse(Buffer.concat(answer.body).toString()), undefined, 2);
  return { ...answer, body: [Buffer.from(`${text}\n`)] };
}
