import { EXIT, HoplabError } from '../errors/index.ts';
import type { LabAccess, PlacedPod, PodManifest } from './access.ts';
import { readPods } from './manifests.ts';

/** The pods that the topology itself brings. */
export async function topologyPods(access: LabAccess): Promise<PodManifest[]> {
  const { topology } = access;
  const nodes = topology.nodes.map(({ name }) => name);
  const files = await Promise.all(topology.pods.map(({ path }) => readPods(path, nodes)));
  return files.flat();
}

/**
 * The pods of those names (`namespace/name`; the namespace is `default` unless named), with their nodes.
 * @throws HoplabError when neither the scenario nor the topology brings such a pod
 */
export function findPods(names: readonly string[], pods: readonly PodManifest[]): PlacedPod[] {
  return names.map((text) => {
    const [first = '', second] = text.split('/');
    const [namespace, name] = second === undefined ? ['default', first] : [first, second];
    const found = pods.find((pod) => pod.namespace === namespace && pod.name === name);
    if (found) return { namespace, name, node: found.node };
    throw new HoplabError({
      code: 'E_NO_POD',
      exitCode: EXIT.usage,
      message: `neither the scenario nor the topology has a pod ${namespace}/${name}`,
      next: `one of: ${pods.map((pod) => `${pod.namespace}/${pod.name}`).join(', ')}`,
    });
  });
}
