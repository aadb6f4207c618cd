import { readFile, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Engine, getFiles, objectName, shellQuote } from '../../engine/index.ts';
import { EXIT, HoplabError } from '../../errors/index.ts';
import type { RunningLab } from '../find-lab.ts';
import { interruptible } from '../interrupt.ts';
import { ADMIN_CONF, controlPlane } from '../kubectl/index.ts';
import { openTunnel, startSocat } from '../tunnel/index.ts';
import { type AdminConf, MARK, readAdminConf, renderKubeconfig } from './render.ts';

export interface KubeconfigRequest {
  /** File to write, `-` for stdout. */
  readonly out: string;
  /** On 127.0.0.1; 0 for a free one. */
  readonly port: number;
  /** Receives notes for the user, a line each. */
  readonly note: (line: string) => void;
}

/**
 * Writes a kubeconfig for this machine and carries its port to the API server until the user interrupts.
 *
 * @returns the exit code; an interrupt is the ordinary end
 * @throws HoplabError E_NO_CONTROL_PLANE, E_NOT_RUNNING, E_NO_API, E_PORT, E_EXISTS, E_WRITE
 */
export async function carryKubeconfig(
  engine: Engine,
  lab: RunningLab,
  request: KubeconfigRequest,
): Promise<number> {
  const { node, container } = controlPlane(lab);
  const admin = await adminConf(engine, container.id, node.name);
  const connect = () => startSocat(engine, objectName(lab.name, node.name), admin);
  const tunnel = await openTunnel(request.port, connect, request.note);
  try {
    return await interruptible(async (signal) => {
      const interrupted = new Promise((done) => signal.addEventListener('abort', done, { once: true }));
      await write(request.out, renderKubeconfig(lab.name, admin, tunnel.port));
      request.note(
        `127.0.0.1:${tunnel.port} is carried to ${node.name}, ${admin.host}:${admin.port}; Ctrl-C ends it`,
      );
      await interrupted;
      return EXIT.ok;
    });
  } finally {
    await tunnel.close();
  }
}

async function adminConf(engine: Engine, container: string, node: string): Promise<AdminConf> {
  const text = (await getFiles(engine, container, ADMIN_CONF))?.get(ADMIN_CONF)?.toString('utf8');
  if (text !== undefined) return readAdminConf(text);
  throw new HoplabError({
    code: 'E_NO_API',
    message: `${node} has no ${ADMIN_CONF}: there is no API server yet`,
    exitCode: EXIT.environment,
    next: 'npm run lab up',
  });
}

/** For the user's eyes only, and never half-written: programs may watch the file. */
async function write(out: string, text: string): Promise<void> {
  if (out === '-') {
    process.stdout.write(text);
    return;
  }
  const path = resolve(out);
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before && !before.startsWith(MARK)) {
    throw new HoplabError({
      code: 'E_EXISTS',
      message: `${path} is there and was not written by this command`,
      exitCode: EXIT.usage,
      next: 'give another file with -o, or - for stdout',
    });
  }
  try {
    await writeFile(`${path}.hoplab~`, text, { mode: 0o600 });
    await rename(`${path}.hoplab~`, path);
  } catch (cause) {
    throw new HoplabError({
      code: 'E_WRITE',
      message: `${path} cannot be written: ${(cause as Error).message}`,
      exitCode: EXIT.usage,
      cause,
    });
  }
  process.stdout.write(`export KUBECONFIG=${shellQuote([path])}\n`);
}
