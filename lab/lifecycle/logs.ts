import { type Engine, exec } from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { RunningLab } from './find-lab.ts';
import { findTarget } from './targets.ts';

export interface LogsRequest {
  readonly target: string;
  /** Of a node: `kubelet` (the container's own log), or one of its pods by name prefix, e.g. `calico-node`. */
  readonly program?: string;
  readonly container?: string;
  readonly follow: boolean;
  readonly tail?: string;
}

/**
 * Prints logs: of a pod through the kubelet's files, of a node or host from the engine.
 *
 * @returns the exit code
 */
export async function logsAttached(engine: Engine, lab: RunningLab, request: LogsRequest): Promise<number> {
  const stopped = lab.objects.containers.find(
    ({ name, state }) => name === request.target && state !== 'running',
  );
  if (stopped) return containerLog(engine, stopped.id, request);
  const target = await findTarget(engine, lab, request.target);
  if (!target.pod && (request.program ?? 'kubelet') === 'kubelet') {
    return containerLog(engine, target.container.id, request);
  }
  const pod = target.pod ?? (await podOnNode(engine, target.container.id, request.program ?? ''));
  const argv = [
    'nodectl',
    'logs',
    pod,
    ...(request.container ? ['-c', request.container] : []),
    ...(request.follow ? ['-f'] : []),
    ...(request.tail ? ['--tail', request.tail] : []),
  ];
  return exec(engine, target.container.id, argv, {
    ...withInterrupt(),
    stdout: process.stdout,
    stderr: process.stderr,
  });
}

/** Ctrl-C ends what runs in the container, too. */
function withInterrupt(): { signal: AbortSignal } {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return { signal: controller.signal };
}

async function podOnNode(engine: Engine, node: string, prefix: string): Promise<string> {
  const { readNodeFiles } = await import('./read-status.ts');
  const pods = (await readNodeFiles(engine, node)).kubelet?.pods ?? [];
  const pod = pods.find(({ name }) => name === prefix || name.startsWith(`${prefix}-`));
  if (pod) return `${pod.namespace}/${pod.name}`;
  throw new HoplabError({
    code: 'E_NO_TARGET',
    message: `the node has no pod "${prefix}"`,
    exitCode: EXIT.usage,
    next: `one of: kubelet, ${pods.map(({ name }) => name).join(', ')}`,
  });
}

async function containerLog(engine: Engine, id: string, request: LogsRequest): Promise<number> {
  const container = engine.docker.getContainer(id);
  const common = { stdout: true, stderr: true, ...(request.tail ? { tail: Number(request.tail) } : {}) };
  if (!request.follow) {
    const { stripFrames } = await import('./dump.ts');
    process.stdout.write(
      stripFrames((await container.logs({ ...common, follow: false })) as unknown as Buffer),
    );
    return EXIT.ok;
  }
  const log = await container.logs({ ...common, follow: true });
  engine.docker.modem.demuxStream(log, process.stdout, process.stderr);
  return new Promise((resolve) => {
    const end = () => resolve(EXIT.ok);
    log.on('end', end);
    process.once('SIGINT', () => {
      (log as unknown as { destroy(): void }).destroy();
      end();
    });
  });
}
