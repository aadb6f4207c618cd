import { connect } from 'node:net';
import { type Container, type ExecTarget, execCommand, type Handler, tryRun } from '../../runtime/index.ts';
import { dialError } from './dial-error.ts';
import { httpGet } from './http-get.ts';
import type { Outcome } from './outcome.ts';

export interface HandlerTarget {
  readonly container: Container;
  readonly podIP: string;
  readonly exec: ExecTarget;
}

/** The number of a port that may be a name of one of the container's. @throws Error */
export function portNumber(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
  if (Number.isInteger(named) && named > 0 && named < 65536) return named;
  throw new Error(`couldn't find port: "${port}"`);
}

function tcpConnect(host: string, port: number, timeout: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const address = `${host}:${port}`;
    const socket = connect({ host, port, timeout });
    const settle = (outcome: Outcome) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.on('connect', () => settle({ ok: true, message: '' }));
    socket.on('timeout', () => settle({ ok: false, message: `dial tcp ${address}: i/o timeout` }));
    socket.on('error', (error) => settle({ ok: false, message: dialError(error, address) }));
  });
}

async function execute(command: readonly string[], target: ExecTarget, timeout: number): Promise<Outcome> {
  const [program = '', ...args] = await execCommand(target, command);
  const { code, stdout, stderr } = await tryRun(program, args, { timeout });
  if (code === 0) return { ok: true, message: '' };
  if (stderr.endsWith('killed by SIGKILL')) {
    return {
      ok: false,
      message: `command timed out: "${command.join(' ')}" timed out after ${timeout / 1000}s`,
    };
  }
  return { ok: false, message: (stdout + stderr).slice(0, 10 * 1024) };
}

/**
 * Runs the handler of a probe or hook once.
 * @param timeout milliseconds
 */
export async function runHandler(handler: Handler, target: HandlerTarget, timeout: number): Promise<Outcome> {
  try {
    const { exec, httpGet: get, tcpSocket } = handler;
    if (exec) return await execute(exec.command ?? [], target.exec, timeout);
    if (get)
      return await httpGet(
        get,
        { podIP: target.podIP, port: portNumber(get.port, target.container) },
        timeout,
      );
    if (tcpSocket) {
      return await tcpConnect(
        tcpSocket.host || target.podIP,
        portNumber(tcpSocket.port, target.container),
        timeout,
      );
    }
    return { ok: false, message: 'missing probe handler: only exec, httpGet and tcpSocket are served' };
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}
