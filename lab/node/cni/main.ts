import { readSync, writeSync } from 'node:fs';
import { runPlugin } from './plugin.ts';
import { serve } from './serve.ts';

/** Descriptor of the listening socket, as the front opens it (images/node/native/cni/main.c). */
const LISTENER = 3;

/**
 * What the executable `calico` under /opt/cni/bin runs: once for a request, or with `--serve SOCKET` for all that come. Its
 * imports are few on purpose: pods wait for it to start.
 */
async function main(): Promise<void> {
  const [, , option, path] = process.argv;
  if (option === '--serve' && path !== undefined) {
    await serve({ fd: LISTENER }, path, runPlugin);
    process.exit();
  }
  const { stdout, exitCode } = await runPlugin(process.env, await readStdin());
  if (stdout !== '') writeSync(1, `${stdout}\n`);
  // At once: the pod does not wait for the connection to be closed.
  process.exit(exitCode);
}

/**
 * Standard input to its end. Read directly: `process.stdin` loads Node's whole stream and socket code, which costs
 * several milliseconds, and is needed only where the runtime hands over a non-blocking descriptor.
 */
async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for (;;) {
      const chunk = Buffer.alloc(65536);
      const length = readSync(0, chunk);
      if (length === 0) break;
      chunks.push(chunk.subarray(0, length));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    for await (const chunk of process.stdin) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

void main();
