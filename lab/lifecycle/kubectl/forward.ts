import type { Engine } from '../../engine/index.ts';
import { openTunnel, startSocat, type Tunnel } from '../tunnel/index.ts';

/**
 * The local ports of a `kubectl port-forward`: behind the resource, `PORT` or `LOCAL:REMOTE` each, where a remote port may be a name.
 *
 * @param argv kubectl's arguments as they were typed
 * @returns undefined when kubectl is to choose one (`:80`, `0:80`): only it knows then which
 */
export function localPorts(argv: readonly string[]): readonly number[] | undefined {
  const pairs = argv.filter((word) => /^(\d+|\d*:[\w-]+)$/.test(word));
  const ports = pairs.map((pair) => Number(pair.split(':')[0]));
  return ports.length === 0 || ports.includes(0) ? undefined : ports;
}

/**
 * Lets the ports that a kubectl listens on inside its container answer on this machine too.
 *
 * @throws HoplabError E_PORT when one is taken here
 */
export async function carryPorts(
  engine: Engine,
  container: string,
  ports: readonly number[],
  note: (line: string) => void,
): Promise<{ close(): Promise<void> }> {
  const tunnels: Tunnel[] = [];
  const close = async () => void (await Promise.all(tunnels.map((tunnel) => tunnel.close())));
  try {
    for (const port of ports) {
      const connect = () => startSocat(engine, container, { host: '127.0.0.1', port });
      tunnels.push(await openTunnel(port, connect, note));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
