import type { Container, Pod } from '../../api/objects/index.ts';
import { isPodTerminal } from '../../api/pods.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { NodeInfo } from './cluster.ts';

/** Amounts by resource, e.g. `cpu`, in thousandths of the unit, so that sums of `100m` stay whole numbers. */
type Amounts = Map<string, number>;

/** A resource of which a node has too little left for a pod. */
export interface Shortage {
  readonly resource: string;
  /** Whether it would do if all other pods went away. */
  readonly resolvable: boolean;
}

/**
 * What of a pod's requests a node cannot give. plugins/noderesources/fit.go fitsRequest.
 *
 * A node that reports nothing allocatable, as before its kubelet's first status, has room for pods that request nothing.
 */
export function shortages(pod: Pod, { node, pods }: NodeInfo): Shortage[] {
  const wanted = requestsOf(pod);
  const residents = pods.filter((other) => !isPodTerminal(other)).map(requestsOf);
  const found: Shortage[] = [];
  for (const [resource, amount] of wanted) {
    if (amount === 0) continue;
    const capacity = thousandths(node.status?.allocatable?.[resource] ?? 0);
    const used = residents.reduce((sum, requests) => sum + (requests.get(resource) ?? 0), 0);
    if (amount > capacity - used) found.push({ resource, resolvable: amount <= capacity });
  }
  return found;
}

/**
 * What a pod takes: its containers and sidecars together, or what its init containers need while they run one after the other,
 * whichever is more; and its overhead. k8s.io/component-helpers/resource PodRequests (KEP-753 for the sidecars).
 */
export function requestsOf({ spec }: Pod): Amounts {
  const running: Amounts = new Map();
  const starting: Amounts = new Map();
  const sidecars: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = requests(container);
    if (container.restartPolicy === 'Always') {
      add(sidecars, own);
      raise(starting, sidecars);
    } else {
      const together = new Map(sidecars);
      add(together, own);
      raise(starting, together);
    }
  }
  add(running, sidecars);
  for (const container of spec.containers) add(running, requests(container));
  raise(running, starting);
  add(running, amounts(spec.overhead));
  return running;
}

const requests = ({ resources }: Container): Amounts => amounts(resources?.requests);

function amounts(list: Readonly<Record<string, string | number>> | undefined): Amounts {
  return new Map(Object.entries(list ?? {}).map(([resource, amount]) => [resource, thousandths(amount)]));
}

function add(sum: Amounts, more: Amounts): void {
  for (const [resource, amount] of more) sum.set(resource, (sum.get(resource) ?? 0) + amount);
}

function raise(most: Amounts, other: Amounts): void {
  for (const [resource, amount] of other) most.set(resource, Math.max(most.get(resource) ?? 0, amount));
}

const thousandths = (quantity: string | number): number => Math.round(parseQuantity(quantity) * 1000);
