import type { Duplex } from 'node:stream';
import { dockerError, type Engine } from '../../engine/index.ts';
import { socatArgv } from './carry.ts';

/**
 * Starts a socat in a container that connects to an address as that container sees it.
 *
 * @param container by name: it may be made anew while a tunnel is open
 */
export async function startSocat(
  engine: Engine,
  container: string,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Duplex> {
  const argv = socatArgv(host, port);
  try {
    const execution = await engine.docker
      .getContainer(container)
      .exec({ Cmd: argv, AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false });
    return (await execution.start({ hijack: true, stdin: true })) as Duplex;
  } catch (error) {
    const what = `no connection into ${container}`;
    throw dockerError(error, what, ['docker', 'exec', '-i', container, ...argv]);
  }
}
