import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bind, type Container, type OciMount, type Pod, renderCriLog } from '../runtime/index.ts';
import { containerDir, containerLog } from './container-paths.ts';
import { containerSpec } from './container-specs.ts';
import type { NodeContext } from './context.ts';
import type { ContainerRecord } from './pod-status.ts';

/** Limits of the API: 4096 bytes from the file, 2048 bytes or 80 lines from the log. */
const MAX_FILE = 4096;
const MAX_LOG = 2048;
const MAX_LINES = 80;
const DEFAULT_PATH = '/dev/termination-log';

/** Makes the file into which a container may say why it ends. @returns its mount */
export async function terminationMount(container: Container, bundle: string): Promise<OciMount> {
  const path = join(bundle, 'termination-log');
  await writeFile(path, '', { mode: 0o666 });
  return bind(path, container.terminationMessagePath ?? DEFAULT_PATH);
}

/** What an ended container has to say; empty where it says nothing. */
export async function terminationMessage(
  context: NodeContext,
  pod: Pod,
  record: ContainerRecord,
  exitCode: number,
): Promise<string> {
  const { name, attempt } = record;
  const path = join(containerDir(context, pod, name, attempt), 'termination-log');
  const written = await readFile(path).catch(() => Buffer.alloc(0));
  const spec = containerSpec(pod, name);
  if (written.length > 0 || exitCode === 0 || spec?.terminationMessagePolicy !== 'FallbackToLogsOnError') {
    return written.subarray(0, MAX_FILE).toString('utf8');
  }
  const log = await readFile(containerLog(context, pod, name, attempt), 'utf8').catch(() => '');
  const lines = log.split('\n').slice(-MAX_LINES - 1);
  return renderCriLog(lines).slice(-MAX_LOG);
}
