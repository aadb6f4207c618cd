import { containerLog, type Engine, exec, followLog } from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { RunningLab } from './find-lab.ts';
import { interruptible } from './interrupt.ts';
import { readNodeFiles } from './read-status.ts';
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
  const tail = request.tail === undefined ? undefined : Number(request.tail);
  if (tail !== undefined && !(Number.isInteger(tail) && tail >= 0)) {
    throw new HoplabError({
      code: 'E_USAGE',
      message: `--tail "${request.tail}" is not a number of lines`,
      exitCode: EXIT.usage,
    });
  }
  const stopped = lab.objects.containers.find(
    ({ name, state }) => name === request.target && state !== 'running',
  );
  if (stopped) return containerLogs(engine, stopped.id, request, tail);
  const target = await findTarget(engine, lab, request.target);
  if (target.pod && request.program) {
    throw new HoplabError({
      code: 'E_USAGE',
      message: `${target.pod} is a pod; programs are a node's`,
      exitCode: EXIT.usage,
      next: `npm run lab logs ${target.pod} -- -c ${request.program}`,
    });
  }
  const program = request.program ?? 'kubelet';
  if (!target.pod && program === 'kubelet') return containerLogs(engine, target.container.id, request, tail);
  const argv =
    program === 'tunl0d'
      ? ['tail', '-n', String(tail ?? '+1'), ...(request.follow ? ['-F'] : []), '/var/log/tunl0d.log']
      : [
          'nodectl',
          'logs',
          target.pod ?? (await podOnNode(engine, target.container.id, program)),
          ...(request.container ? ['-c', request.container] : []),
          ...(request.follow ? ['-f'] : []),
          ...(tail === undefined ? [] : ['--tail', String(tail)]),
        ];
  return interruptible((signal) =>
    exec(engine, target.container.id, argv, { signal, stdout: process.stdout, stderr: process.stderr }),
  );
}

async function podOnNode(engine: Engine, node: string, prefix: string): Promise<string> {
  const pods = (await readNodeFiles(engine, node)).kubelet?.pods ?? [];
  const pod = pods.find(({ name }) => name === prefix || name.startsWith(`${prefix}-`));
  if (pod) return `${pod.namespace}/${pod.name}`;
  throw new HoplabError({
    code: 'E_NO_TARGET',
    message: `the node has no pod "${prefix}"`,
    exitCode: EXIT.usage,
    next: `one of: kubelet, tunl0d, ${pods.map(({ name }) => name).join(', ')}`,
  });
}

async function containerLogs(
  engine: Engine,
  id: string,
  { follow }: LogsRequest,
  tail: number | undefined,
): Promise<number> {
  const options = tail === undefined ? {} : { tail };
  if (!follow) process.stdout.write(await containerLog(engine, id, options));
  else {
    const { stdout, stderr } = process;
    await interruptible((signal) => followLog(engine, id, { stdout, stderr, signal }, options));
  }
  return EXIT.ok;
}
