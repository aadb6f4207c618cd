import { join } from 'node:path';
import { type Pod, podDir, podLogDir } from '../runtime/index.ts';
import type { NodeContext } from './context.ts';

/** Where one attempt of a container lives: bundle, overlay and exit code. */
export function containerDir(context: NodeContext, pod: Pod, name: string, attempt: number): string {
  return join(podDir(context.paths, pod.metadata.uid), 'containers', name, String(attempt));
}

/** `/var/log/pods/…/CONTAINER/ATTEMPT.log` */
export function containerLog(context: NodeContext, pod: Pod, name: string, attempt: number): string {
  const { namespace, name: podName, uid } = pod.metadata;
  return join(podLogDir(context.paths, namespace, podName, uid), name, `${attempt}.log`);
}
