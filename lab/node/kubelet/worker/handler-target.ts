import type { Container } from '../../runtime/index.ts';
import { containerDir } from '../container-paths.ts';
import type { ContainerRecord } from '../pod-status.ts';
import type { HandlerTarget } from '../probes/index.ts';
import type { PodScope } from './pod-scope.ts';

/** Where the probes and hooks of a container go. */
export function handlerTarget(scope: PodScope, container: Container, record: ContainerRecord): HandlerTarget {
  const bundle = containerDir(scope.context, scope.pod, container.name, record.attempt);
  const podIP = scope.pod.spec.hostNetwork ? scope.context.hostIP : (scope.record.sandbox?.ip ?? '');
  return { container, podIP, exec: { id: record.id, pid: record.pid, bundle } };
}
