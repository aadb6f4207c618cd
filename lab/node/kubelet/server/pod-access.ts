import { join } from 'node:path';
import {
  type Container,
  type ExecTarget,
  type NodePaths,
  type Pod,
  podDir,
  podLogDir,
} from '../../runtime/index.ts';
import { containerSpec } from '../container-specs.ts';
import type { ContainerStatus, PodReport } from '../pod-report.ts';
import { HttpError } from './http-error.ts';

export interface KnownPod {
  readonly pod: Pod;
  readonly report: PodReport;
}

/** What the server needs of the kubelet. */
export interface PodAccess {
  readonly paths: NodePaths;
  find(namespace: string, name: string): KnownPod | undefined;
  list(): readonly KnownPod[];
  /** Calls `listener` after every change of any pod. @returns a function that ends it */
  onChange(listener: () => void): () => void;
}

/** @throws HttpError 404 */
export function podOf(pods: PodAccess, namespace: string, name: string): KnownPod {
  const found = pods.find(namespace, name);
  if (found === undefined) throw new HttpError(404, `pod "${namespace}/${name}" not found`);
  return found;
}

/** @throws HttpError 404 */
export function containerOf({ report }: KnownPod, name: string): ContainerStatus {
  const all = [...report.containerStatuses, ...report.initContainerStatuses];
  const found = all.find((container) => container.name === name);
  if (found !== undefined) return found;
  throw new HttpError(404, `container ${name} is not valid for pod ${report.name}`);
}

/** What the pod's spec says of a container. @throws HttpError 404 */
export function containerSpecOf({ pod }: KnownPod, name: string): Container {
  const found = containerSpec(pod, name);
  if (found !== undefined) return found;
  throw new HttpError(404, `container ${name} is not valid for pod ${pod.metadata.name}`);
}

/** Where to run a command in a container. @throws HttpError when it does not run */
export function execTarget(pods: PodAccess, known: KnownPod, name: string): ExecTarget {
  const { containerID, pid, restartCount } = containerOf(known, name);
  if (pid === 0) throw new HttpError(500, `container not found ("${name}")`);
  const bundle = join(podDir(pods.paths, known.report.uid), 'containers', name, String(restartCount));
  return { id: containerID.replace(/^.*:\/\//, ''), pid, bundle };
}

/** Directory of a container's logs. */
export function logDirectory(pods: PodAccess, { report }: KnownPod, container: string): string {
  return join(podLogDir(pods.paths, report.namespace, report.name, report.uid), container);
}

/** Resolves when this run of a container is over. */
export function whenEnded(pods: PodAccess, known: KnownPod, name: string): Promise<void> {
  const { containerID } = containerOf(known, name);
  const { namespace, name: podName } = known.report;
  return new Promise((resolve) => {
    const look = () => {
      const now = pods.find(namespace, podName);
      const status = now && [...now.report.containerStatuses, ...now.report.initContainerStatuses];
      const running = status?.some((entry) => entry.containerID === containerID && entry.pid !== 0);
      if (running) return;
      end();
      resolve();
    };
    const end = pods.onChange(look);
    look();
  });
}
