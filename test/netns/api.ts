import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { type ApiClient, httpsClient } from '../../lab/api/client/index.ts';
import { KINDS } from '../../lab/control-plane/kinds/index.ts';
import type { ApiAccess } from '../../lab/network/calico/node/kubeconfig.ts';
import { selfSigned } from '../control-plane/support/certificate.ts';
import { ADMIN_TOKEN } from '../control-plane/support/client.ts';
import { startTestServer } from '../control-plane/support/server.ts';

const PORT = 6443;

/** Passes connections to a port of the loopback interface of the namespace it runs in on to a Unix socket. */
const RELAY = `
const { connect, createServer } = require('node:net');
createServer((near) => {
  const far = connect(process.argv[1]);
  near.setNoDelay(true);
  near.pipe(far).pipe(near);
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
}).listen(${PORT}, '127.0.0.1', () => console.log('listening'));
`;

export interface NetnsApi {
  /** For programs in the namespace. */
  readonly access: ApiAccess;
  /** For the test, outside of it. */
  readonly client: ApiClient;
  /** The programs in the namespace are refused from now on. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A real API server in this process, which programs in a network namespace reach at its 127.0.0.1. The way there is a Unix
 * socket, so no interface is needed between the two.
 *
 * @param socket path of the Unix socket
 */
export async function startNetnsApi(namespace: string, socket: string): Promise<NetnsApi> {
  const { key, cert } = selfSigned();
  const server = await startTestServer({ kinds: KINDS, key, cert });
  rmSync(socket, { force: true });
  const outside = createServer((near) => {
    const far = connect(server.api.port, '127.0.0.1');
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  outside.listen(socket);
  await once(outside, 'listening');
  let relay: ChildProcess | undefined;
  const comeBack = async () => {
    const command = [`--net=/run/netns/${namespace}`, process.execPath, '-e', RELAY, socket];
    relay = spawn('nsenter', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(relay.stdout as NonNullable<ChildProcess['stdout']>, 'data');
  };
  const goAway = async () => {
    const ending = relay;
    relay = undefined;
    if (!ending) return;
    ending.kill('SIGKILL');
    await once(ending, 'close');
  };
  await comeBack();
  const access = { server: `https://127.0.0.1:${PORT}`, token: ADMIN_TOKEN, ca: cert };
  return {
    access,
    client: httpsClient({ ...access, server: server.api.url }),
    goAway,
    comeBack,
    async close() {
      await goAway();
      outside.close();
      await server.close();
    },
  };
}
