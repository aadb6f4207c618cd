import type { WebSocket } from 'ws';
import { onChannel } from './channels.ts';
import { dialPod, type PodConnection } from './pod-dial.ts';
import { SpdyConnection, type SpdyStream } from './spdy/index.ts';

/** SPDY frames in the messages of a WebSocket: what kubectl has spoken since 1.31 (KEP-4006). */
export const SPDY_PROTOCOL = 'SPDY/3.1+portforward.k8s.io';
/** Two channels for each port, for data and errors: what client libraries speak. */
export const CHANNEL_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'portforward.k8s.io'] as const;

export interface ForwardTarget {
  /** Path of the pod's network namespace; empty for hostNetwork. */
  readonly netns: string;
  readonly sandboxID: string;
}

function forwardError(target: ForwardTarget, port: number, problem: string): string {
  return `error forwarding port ${port} to pod ${target.sandboxID}, uid : failed to execute portforward in network namespace "${target.netns}": ${problem}`;
}

/** The ports of a request: `port=80` from the API server, `ports=80` from a client. @throws Error */
export function forwardPorts(query: URLSearchParams): number[] {
  const texts = [...query.getAll('port'), ...query.getAll('ports')].flatMap((text) => text.split(','));
  const ports = texts.map(Number);
  if (ports.length === 0) throw new Error('query parameter "port" is required');
  for (const port of ports) {
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new Error(`unable to parse "${port}" as a port`);
  }
  return ports;
}

interface Pair {
  data?: SpdyStream;
  error?: SpdyStream;
}

/** Joins a pair of streams to a connection of its own. */
function forwardPair(target: ForwardTarget, port: number, data: SpdyStream, error: SpdyStream): void {
  const pod: PodConnection = dialPod(target.netns, port, {
    data: (bytes) => data.write(bytes),
    close: (problem) => {
      if (problem !== undefined) error.write(Buffer.from(forwardError(target, port, problem)));
      error.end();
      data.end();
    },
  });
  data.onData = (bytes) => pod.write(bytes);
  data.onEnd = () => pod.end();
  data.onReset = () => pod.destroy();
}

/** Serves `kubectl port-forward`: every connection is a pair of streams with the same request id. */
export function spdyForward(socket: WebSocket, target: ForwardTarget): void {
  const pairs = new Map<string, Pair>();
  const connection = new SpdyConnection(
    (bytes) => socket.send(bytes),
    (stream) => {
      const id = stream.headers.get('requestid') ?? String(stream.id);
      const port = Number(stream.headers.get('port'));
      const pair = pairs.get(id) ?? {};
      pairs.set(id, pair);
      if (stream.headers.get('streamtype') === 'error') pair.error = stream;
      else pair.data = stream;
      if (pair.data === undefined || pair.error === undefined) return;
      pairs.delete(id);
      forwardPair(target, port, pair.data, pair.error);
    },
  );
  socket.on('message', (bytes: Buffer) => connection.receive(bytes, () => socket.close(1002)));
  socket.on('close', () => connection.close());
}

/** Serves client libraries: one connection for each port, which begins with the port's number on both channels. */
export function channelForward(socket: WebSocket, target: ForwardTarget, ports: readonly number[]): void {
  const open = new Set<number>(ports.keys());
  const connections = ports.map((port, index) => {
    const [data, error] = [2 * index, 2 * index + 1];
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    socket.send(onChannel(data, number));
    socket.send(onChannel(error, number));
    return dialPod(target.netns, port, {
      data: (bytes) => socket.send(onChannel(data, bytes)),
      close: (problem) => {
        if (problem !== undefined) socket.send(onChannel(error, forwardError(target, port, problem)));
        open.delete(index);
        if (open.size === 0) socket.close(1000);
      },
    });
  });
  socket.on('message', (message: Buffer) => {
    const channel = message[0] as number;
    if (channel % 2 === 0) connections[channel / 2]?.write(message.subarray(1));
  });
  socket.on('close', () => {
    for (const connection of connections) connection.destroy();
  });
}
