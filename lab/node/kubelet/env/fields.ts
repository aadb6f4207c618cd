import { parseQuantity } from '../../../api/quantity.ts';
import { ContainerConfigError, type Pod, type ResourceFieldSelector } from '../../runtime/index.ts';

/** What a node can give to pods; stands in for limits that a container does not set. */
export type Allocatable = Readonly<Record<string, string>>;

/** What is known about a pod only when it has been placed. */
export interface PlacedFacts {
  readonly podIP: string;
  readonly hostIP: string;
  readonly nodeName: string;
  readonly allocatable: Allocatable;
}

/** `key="value"` lines in order, quoted as by Go's %q. pkg/fieldpath FormatMap. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/**
 * The value of a `fieldRef`, for environment and downward API volumes. pkg/fieldpath and pkg/kubelet/kubelet_pods.go.
 * @throws ContainerConfigError for a path that names no such field
 */
export function podField(path: string, pod: Pod, placed: PlacedFacts): string {
  const { metadata, spec } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript !== null) return metadata[subscript[1] as 'labels']?.[subscript[2] as string] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace;
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return formatMap(metadata.labels);
    case 'metadata.annotations':
      return formatMap(metadata.annotations);
    case 'spec.nodeName':
      return placed.nodeName;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.podIP':
    case 'status.podIPs':
      return placed.podIP;
    case 'status.hostIP':
    case 'status.hostIPs':
      return placed.hostIP;
    default:
      throw new ContainerConfigError(`unsupported fieldPath: ${path}`);
  }
}

/**
 * The value of a `resourceFieldRef`: the quantity by its divisor, rounded up. pkg/api/v1/resource.
 * @param containerName the container meant where the reference names none
 * @throws ContainerConfigError
 */
export function resourceField(
  selector: ResourceFieldSelector,
  pod: Pod,
  placed: PlacedFacts,
  containerName?: string,
): string {
  const name = selector.containerName ?? containerName;
  const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
    (entry) => entry.name === name,
  );
  if (container === undefined) throw new ContainerConfigError(`container ${name} not found`);
  const [kind = '', ...rest] = selector.resource.split('.');
  const resource = rest.join('.');
  if ((kind !== 'limits' && kind !== 'requests') || resource === '') {
    throw new ContainerConfigError(`Unsupported container resource : ${selector.resource}`);
  }
  // What is not limited may take the whole node.
  const fallback = kind === 'limits' ? (placed.allocatable[resource] ?? 0) : 0;
  const quantity = parseQuantity(container.resources?.[kind]?.[resource] ?? fallback);
  const divisor = parseQuantity(selector.divisor ?? 1) || 1;
  return String(Math.ceil(quantity / divisor - 1e-9));
}
