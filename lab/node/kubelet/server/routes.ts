import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import type { WebSocket } from 'ws';
import { attachSocket } from '../../runtime/index.ts';
import { attachSession } from './attach-session.ts';
import { COMMAND_PROTOCOLS } from './channels.ts';
import { logFile, logOptions, readLog } from './container-logs.ts';
import { execRequest, execSession } from './exec-session.ts';
import { HttpError } from './http-error.ts';
import {
  containerOf,
  containerSpecOf,
  execTarget,
  logDirectory,
  type PodAccess,
  podOf,
  whenEnded,
} from './pod-access.ts';
import {
  CHANNEL_PROTOCOLS,
  channelForward,
  forwardPorts,
  SPDY_PROTOCOL,
  spdyForward,
} from './port-forward.ts';

export interface Call {
  readonly pods: PodAccess;
  /** What the path's variable parts are. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

export interface Route<T> {
  readonly pattern: RegExp;
  readonly act: T;
}

type Answer = (call: Call, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
/** Checked first, so that a refusal is an HTTP answer; then run on the open socket. */
type Stream = (call: Call) => Promise<{
  readonly protocols: readonly string[];
  readonly run: (socket: WebSocket, protocol: string) => Promise<void>;
}>;

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Wraps mistakes of the caller. @throws HttpError 400 */
function checked<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new HttpError(400, (error as Error).message);
  }
}

const containerLogs: Answer = async ({ pods, parts, query }, request, response) => {
  const [namespace = '', name = '', container = ''] = parts;
  const known = podOf(pods, namespace, name);
  const status = containerOf(known, container);
  const options = checked(() => logOptions(query, Date.now()));
  const path = await logFile(logDirectory(pods, known, container), options.previous);
  const waiting = status.state.waiting;
  if (options.previous && path === undefined) {
    throw new HttpError(400, `previous terminated container "${container}" in pod "${name}" not found`);
  }
  if (path === undefined) {
    const why = waiting?.reason ?? 'ContainerCreating';
    const text = /ImagePull/.test(why) ? `trying and failing to pull image` : `waiting to start: ${why}`;
    throw new HttpError(400, `container "${container}" in pod "${name}" is ${text}`);
  }
  const runs = status.pid !== 0 && basename(path) === `${status.restartCount}.log`;
  const closed = new AbortController();
  response.on('close', () => closed.abort());
  request.socket.setNoDelay(true);
  response.writeHead(200, { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  const ended = options.follow && runs ? whenEnded(pods, known, container) : Promise.resolve();
  for await (const text of readLog(path, options, ended, closed.signal)) {
    if (!response.write(text)) {
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    }
  }
  response.end();
};

const listPods: Answer = ({ pods }, _request, response) => {
  const items = pods.list().map(({ pod, report }) => ({ ...pod, status: report }));
  json(response, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
};

const summary: Answer = ({ pods }, _request, response) => {
  const memory = { time: new Date().toISOString(), rssBytes: process.memoryUsage().rss };
  const node = { systemContainers: [{ name: 'kubelet', memory }] };
  json(response, {
    node,
    pods: pods.list().map(({ report }) => ({
      podRef: { name: report.name, namespace: report.namespace, uid: report.uid },
      startTime: report.startTime,
      containers: report.containerStatuses.map(({ name }) => ({ name })),
    })),
  });
};

export const routes: readonly Route<Answer>[] = [
  { pattern: /^\/healthz$/, act: (_call, _request, response) => void response.end('ok') },
  { pattern: /^\/pods\/?$/, act: listPods },
  { pattern: /^\/stats\/summary$/, act: summary },
  { pattern: /^\/containerLogs\/([^/]+)\/([^/]+)\/([^/]+)$/, act: containerLogs },
];

const exec: Stream = async ({ pods, parts, query }) => {
  const [namespace = '', name = '', container = ''] = parts;
  const request = checked(() => execRequest(query));
  if (request.command.length === 0) throw new HttpError(400, 'you must specify a command');
  const target = execTarget(pods, podOf(pods, namespace, name), container);
  return { protocols: COMMAND_PROTOCOLS, run: (socket) => execSession(socket, target, request) };
};

const attach: Stream = async ({ pods, parts, query }) => {
  const [namespace = '', name = '', container = ''] = parts;
  const request = checked(() => execRequest(query));
  const known = podOf(pods, namespace, name);
  const { id, bundle } = execTarget(pods, known, container);
  const logPath = await logFile(logDirectory(pods, known, container), false);
  if (logPath === undefined)
    throw new HttpError(400, `container "${container}" in pod "${name}" has not started`);
  const { stdin, tty } = containerSpecOf(known, container);
  const target = {
    socketPath: attachSocket(pods.paths, id),
    bundle,
    logPath,
    stdin: stdin ?? false,
    tty: tty ?? false,
    ended: whenEnded(pods, known, container),
  };
  return { protocols: COMMAND_PROTOCOLS, run: (socket) => attachSession(socket, target, request) };
};

const portForward: Stream = async ({ pods, parts, query }) => {
  const [namespace = '', name = ''] = parts;
  const { report } = podOf(pods, namespace, name);
  if (report.phase !== 'Running' || report.sandboxPid === 0) {
    throw new HttpError(500, `pod not found ("${name}_${namespace}")`);
  }
  const target = { netns: report.hostNetwork ? '' : report.netns, sandboxID: report.sandboxID };
  return {
    protocols: [SPDY_PROTOCOL, ...CHANNEL_PROTOCOLS],
    run: async (socket, protocol) => {
      if (protocol === SPDY_PROTOCOL) spdyForward(socket, target);
      else channelForward(socket, target, forwardPorts(query));
    },
  };
};

export const streamRoutes: readonly Route<Stream>[] = [
  { pattern: /^\/exec\/([^/]+)\/([^/]+)\/([^/]+)$/, act: exec },
  { pattern: /^\/attach\/([^/]+)\/([^/]+)\/([^/]+)$/, act: attach },
  { pattern: /^\/portForward\/([^/]+)\/([^/]+)$/, act: portForward },
];
