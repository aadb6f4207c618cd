import type { Pod } from '../runtime/index.ts';
import { isSidecar } from './container-specs.ts';

/** A container that is to end, and those that have to have ended before it gets its SIGTERM. */
export interface Termination {
  readonly name: string;
  readonly after: readonly string[];
}

/**
 * The order in which a pod's running containers end: sidecars after all regular containers, one by one, the last started first;
 * the others at once. Each comes after those that it waits for. As newTerminationOrdering
 * (pkg/kubelet/kuberuntime/kuberuntime_termination_order.go).
 */
export function terminationOrder({ spec }: Pod, running: readonly string[]): Termination[] {
  const regular = spec.containers.map(({ name }) => name).filter((name) => running.includes(name));
  const sidecars = (spec.initContainers ?? [])
    .filter((container) => isSidecar(container) && running.includes(container.name))
    .map(({ name }) => name)
    .reverse();
  const others = running.filter((name) => !sidecars.includes(name));
  return [
    ...others.map((name) => ({ name, after: [] })),
    ...sidecars.map((name, index) => ({ name, after: [...regular, ...sidecars.slice(0, index).slice(-1)] })),
  ];
}
