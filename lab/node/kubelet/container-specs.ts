import type { Container, Pod } from '../runtime/index.ts';

/** Whether an init container keeps running beside the regular containers. KEP-753. */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

/** What the pod's spec says of a container of either kind; undefined when it has none of that name. */
export function containerSpec({ spec }: Pod, name: string): Container | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find((container) => container.name === name);
}
