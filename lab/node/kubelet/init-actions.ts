import type { Container, Pod } from '../runtime/index.ts';
import { isSidecar } from './container-specs.ts';
import { type ContainerRecord, latest, type PodRecord } from './pod-status.ts';

/** What is to be done about the init containers of a pod, ordinary ones and sidecars. */
export interface InitActions {
  /** Whether it is the regular containers' turn. */
  readonly done: boolean;
  /** An init container has failed for good. */
  readonly failed: boolean;
  /** In the order of the spec. */
  readonly toStart: readonly Container[];
  readonly toKill: readonly { readonly id: string; readonly reason: string }[];
}

const FAILED: InitActions = { done: false, failed: true, toStart: [], toKill: [] };

/**
 * Whether a pod has got past its init containers in this sandbox. A regular container that was made in it tells so, even when
 * the init containers' records have gone; one of an earlier sandbox tells nothing, for a new one is initialized anew.
 */
export function isInitialized({ pod, sandbox, containers }: PodRecord): boolean {
  const regular = new Set(pod.spec.containers.map(({ name }) => name));
  return containers.some(
    ({ name, state, createdAt }) =>
      regular.has(name) && (state === 'running' || (sandbox !== undefined && createdAt >= sandbox.createdAt)),
  );
}

/** Whether the init containers after this one may start: it has succeeded, or keeps running and has started. */
function isThrough(container: Container, record: ContainerRecord, started: boolean): boolean {
  if (isSidecar(container)) return record.state === 'running' && started;
  return record.state === 'exited' && record.exitCode === 0;
}

/**
 * Which init containers to start now: the next of the sequence, and any sidecar before it that does not run. Goes through them
 * from the last to the first, because the records of early ones may have gone. As computeInitContainerActions
 * (pkg/kubelet/kuberuntime/kuberuntime_container.go).
 *
 * @param started whether the startup probe of a running container has succeeded; its postStart hook is over before anybody asks
 */
export function computeInitActions(
  pod: Pod,
  status: PodRecord,
  started: (name: string) => boolean,
): InitActions {
  const inits = pod.spec.initContainers ?? [];
  let done = inits.length === 0 || isInitialized(status);
  /** A later container than this one has begun. */
  let passed = done;
  const starts = new Set<number>();
  const toKill: { id: string; reason: string }[] = [];
  for (let index = inits.length - 1; index >= 0; index -= 1) {
    const container = inits[index] as Container;
    const sidecar = isSidecar(container);
    const record = latest(status, container.name);
    if (passed && !sidecar) continue;
    if (record === undefined) {
      if (passed) starts.add(index);
      continue;
    }
    if (isThrough(container, record, started(container.name))) {
      if (index === inits.length - 1) done = true;
      else if (!passed) starts.add(index + 1);
      if (sidecar && record.image !== container.image) {
        toKill.push({ id: record.id, reason: `Init container ${container.name} definition changed` });
        starts.add(index);
      }
    } else if (record.state !== 'running') {
      const ended = record.state === 'exited';
      if (ended && !sidecar && pod.spec.restartPolicy === 'Never') return FAILED;
      if (!ended) {
        const reason = `Init container is in "${record.state}" state, try killing it before restart`;
        toKill.push({ id: record.id, reason });
      }
      starts.add(index);
    }
    passed = true;
  }
  if (!passed) starts.add(0);
  return { done, failed: false, toStart: inits.filter((_, index) => starts.has(index)), toKill };
}
