import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { StatusError } from '../registry/index.ts';
import { type Answering, answer } from './answer.ts';
import type { Authenticator } from './auth.ts';
import type { ServerState } from './context.ts';
import { Discovery } from './discovery/routes.ts';
import { verbOf, type Watching } from './dispatch.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { jsonAnswer } from './output/answer.ts';
import { pretty } from './output/pretty.ts';
import { send } from './output/send.ts';
import type { KubeletAccess } from './proxy.ts';
import { parseResourcePath } from './request-info.ts';
import { upgrade } from './upgrade.ts';

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
  readonly #log: Log;
  readonly #answering: Answering;
  readonly #watching = new Set<Watching>();
  readonly #sockets = new Set<Duplex>();
  #stopping = false;

  constructor(state: ServerState, options: HttpOptions) {
    this.#log = options.log;
    const { advertiseAddress, securePort } = state.settings;
    this.#answering = {
      state,
      authenticator: options.authenticator,
      kubelet: options.kubelet,
      discovery: new Discovery(state.registry, `${advertiseAddress}:${securePort}`),
      metrics: this.metrics,
    };
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
    this.server.on('upgrade', (request, socket, head) =>
      upgrade(request, socket, head, this.#answering, (error) => this.#internal(error, request)),
    );
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
      const call = { request, response, method, path, query, resourcePath, warnings };
      const given = await answer(call, this.#answering);
      if ('ended' in given) {
        watching = true;
        code = 200;
        await this.#follow(given);
        if (response.destroyed && !response.writableFinished) this.metrics.droppedWatchers++;
      } else {
        code = given.code;
        if (!response.headersSent)
          await send(response, pretty(given, request, query), warnings, method === 'HEAD');
      }
    } catch (error) {
      code = await this.#refuse(error, request, response, warnings);
    } finally {
      this.metrics.inFlight--;
      const verb = verbOf(method, resourcePath?.name !== undefined, watching);
      // Labels only of what is served: paths of the client's invention would grow the table without bound.
      const { registry } = this.#answering.state;
      const known =
        resourcePath && registry.find(resourcePath.group, resourcePath.version, resourcePath.plural)
          ? resourcePath.plural
          : '';
      this.metrics.observe(known === '' ? 'OTHER' : verb, known, code, (performance.now() - started) / 1000);
    }
  }

  /** Waits for the end of a watch, which a stop of the server brings about. */
  async #follow(watching: Watching): Promise<void> {
    this.#watching.add(watching);
    if (this.#stopping) watching.stop();
    await watching.ended;
    this.#watching.delete(watching);
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
    this.#log('E', `${request.method} ${request.url}: ${text}`);
    return new StatusError({
      code: 500,
      reason: 'InternalError',
      message: `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
      details: { causes: [{ reason: '', message: String(error) }] },
    });
  }
}
