import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../../lab/bootstrap/bundle.js';
import { selfSigned } from './certificate.ts';
import { ADMIN_TOKEN } from './client.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const identity = selfSigned();

export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Compiles the server once, as the lab's image does. @returns the program's path */
export async function serverProgram(): Promise<string> {
  const entries = { server: 'test/control-plane/support/server-main.ts' };
  const { folder } = await bundle(root, 'test-apiserver', entries, { external: ['lmdb'], splitting: false });
  return join(folder, 'server.js');
}

/** Starts a server in a process of its own and waits until it listens. */
export async function startProcess(program: string, dataDir: string): Promise<ServerProcess> {
  const options = JSON.stringify({ ...identity, token: ADMIN_TOKEN, dataDir });
  const child: ChildProcess = spawn(process.execPath, [program, options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000);
  });
  const port = await new Promise<number>((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = /listening (\d+)/.exec(output);
      if (found) resolve(Number(found[1]));
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${errors}`)));
  });
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
