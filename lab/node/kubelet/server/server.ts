import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import { log } from '../log.ts';
import { HttpError } from './http-error.ts';
import type { PodAccess } from './pod-access.ts';
import { type Route, routes, streamRoutes } from './routes.ts';
import type { Authorize } from './tokens.ts';

export interface KubeletServerOptions {
  readonly address: string;
  readonly port: number;
  /** PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly authorize: Authorize;
  readonly pods: PodAccess;
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  500: 'Internal Server Error',
};

function find<T>(
  table: readonly Route<T>[],
  url: URL,
): { readonly act: T; readonly parts: readonly string[] } | undefined {
  for (const { pattern, act } of table) {
    const match = pattern.exec(url.pathname);
    if (match !== null) return { act, parts: match.slice(1).map(decodeURIComponent) };
  }
  return undefined;
}

const problemOf = (error: unknown) =>
  error instanceof HttpError ? error : new HttpError(500, (error as Error).message);

/** The kubelet's own server: logs, exec, attach, port-forward, and what it knows about its pods. */
export function startKubeletServer(options: KubeletServerOptions): Promise<void> {
  const { pods, authorize } = options;
  const server = createServer({ cert: readFileSync(options.certFile), key: readFileSync(options.keyFile) });
  let sockets: Promise<WebSocketServer> | undefined;
  // Not by ws's own negotiation, which does not take the `/` of SPDY's name for part of one (RFC 7230 token).
  const chosen = new WeakMap<IncomingMessage, string>();

  /** Loaded with the first exec or port-forward: most nodes' kubelets never see one. */
  async function openSockets(): Promise<WebSocketServer> {
    const { WebSocketServer: Sockets } = await import('ws');
    const opened = new Sockets({ noServer: true, maxPayload: 32 << 20 });
    opened.on('headers', (headers, request) => {
      headers.push(`Sec-WebSocket-Protocol: ${chosen.get(request)}`);
    });
    return opened;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://kubelet');
    try {
      if (!(await authorize(request.headers.authorization))) throw new HttpError(401, 'Unauthorized');
      const route = find(routes, url);
      if (route === undefined) throw new HttpError(404, '404 page not found');
      await route.act({ pods, parts: route.parts, query: url.searchParams }, request, response);
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const { code, message } = problemOf(error);
      response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(message);
    }
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', 'https://kubelet');
    try {
      if (!(await authorize(request.headers.authorization))) throw new HttpError(401, 'Unauthorized');
      const route = find(streamRoutes, url);
      if (route === undefined) throw new HttpError(404, '404 page not found');
      const { protocols, run } = await route.act({ pods, parts: route.parts, query: url.searchParams });
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
      const protocol = protocols.find((ours) => offered.includes(ours));
      if (protocol === undefined) {
        throw new HttpError(
          400,
          `unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${protocols.join(' ')}]`,
        );
      }
      delete request.headers['sec-websocket-protocol'];
      chosen.set(request, protocol);
      sockets ??= openSockets();
      (await sockets).handleUpgrade(request, socket, head, (client) => {
        client.on('error', () => client.terminate());
        void run(client, protocol).catch((error: Error) => {
          log.error('Stream failed', { path: url.pathname, err: error });
          client.close(1011);
        });
      });
    } catch (error) {
      const { code, message } = problemOf(error);
      const text = Buffer.from(message);
      socket.end(
        `HTTP/1.1 ${code} ${STATUS_TEXT[code] ?? ''}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
      );
    }
  }

  server.on('request', (request, response) => void serve(request, response));
  server.on('upgrade', (request, socket, head) => void upgrade(request, socket, head));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, () => {
      server.off('error', reject);
      server.on('error', (error) => log.error('Kubelet server', { err: error }));
      resolve();
    });
  });
}
