import type { Namespace } from '../../../api/objects/index.ts';
import { poolOf } from '../pools.ts';
import type { Release } from '../release.ts';
import { ingressAddresses, isServed, type LoadBalancerService } from '../service.ts';
import { type Allocation, AllocationError, type Allocator } from './allocator.ts';
import { admits, automaticPools, demandOf } from './demand.ts';

/** An event to be recorded on the service, and logged. */
export interface Notice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface Verdict {
  /** What status.loadBalancer shall say; undefined: nothing. */
  readonly allocation: Allocation | undefined;
  /** Why an address that the service had was taken away, in MetalLB's words. */
  readonly cleared: string | undefined;
  readonly notices: readonly Notice[];
}

export interface BalancerOptions {
  readonly release: Release;
  /** MetalLB's `--lb-class`. */
  readonly lbClass?: string | undefined;
}

/** How the address appears in the event: from 0.13 on a service may have several, so Go prints a list. */
const printed = (ip: string, release: Release): string => (release === '0.10' ? `"${ip}"` : `["${ip}"]`);

/**
 * Decides the address of one service, and keeps it in the allocator: the one it has if that is still right, else the one it asks for, else
 * one of the pool it asks for, else the first of any pool. MetalLB's convergeBalancer.
 *
 * @param mayAllocate false while the addresses that services already have are still being collected after a start
 */
export function converge(
  allocator: Allocator,
  service: LoadBalancerService,
  namespace: Namespace | undefined,
  options: BalancerOptions,
  mayAllocate = true,
): Verdict {
  const demand = demandOf(service);
  const { key } = demand.tenant;
  const present = ingressAddresses(service);
  const nothing = (cleared?: string, notices: readonly Notice[] = []): Verdict => {
    allocator.release(key);
    return { allocation: undefined, cleared: present.length > 0 ? cleared : undefined, notices };
  };
  if (!isServed(service, options.lbClass)) return nothing('notLoadBalancer');
  // No cluster address yet: the API server has not finished with it.
  if (!service.spec.clusterIP || service.spec.clusterIP === 'None') return nothing('noClusterIPs');
  if (demand.problem !== undefined) {
    const message = `Failed to allocate IP for "${key}": ${demand.problem}`;
    return nothing('differentIPRequested', [{ type: 'Warning', reason: 'AllocationFailed', message }]);
  }

  const kept = keep(allocator, service, namespace, demand, present);
  if (typeof kept === 'object') return { allocation: kept, cleared: undefined, notices: [] };
  if (!mayAllocate) {
    return { allocation: undefined, cleared: undefined, notices: [] };
  }
  allocator.release(key);
  try {
    const allocation = allocate(allocator, service, namespace, demand);
    const message = `Assigned IP ${printed(allocation.ip, options.release)}`;
    return { allocation, cleared: kept, notices: [{ type: 'Normal', reason: 'IPAllocated', message }] };
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    const message = `Failed to allocate IP for "${key}": ${error.message}`;
    return nothing(kept, [{ type: 'Warning', reason: 'AllocationFailed', message }]);
  }
}

type Demanded = ReturnType<typeof demandOf>;

/** The address that the service has, if it may stay; else the reason why not. */
function keep(
  allocator: Allocator,
  service: LoadBalancerService,
  namespace: Namespace | undefined,
  { tenant, ip, pool }: Demanded,
  present: readonly string[],
): Allocation | string | undefined {
  const [current, ...more] = present;
  if (current === undefined) return undefined;
  if (more.length > 0) return 'invalidIP';
  const owner = poolOf(allocator.pools, current);
  if (!owner || !admits(owner, service, namespace)) return 'notAllowedByConfig';
  if (pool !== undefined && pool !== owner.name) return 'differentPoolRequested';
  if (ip !== undefined && ip !== current) return 'differentIPRequested';
  try {
    return allocator.assign(tenant, current);
  } catch (error) {
    if (error instanceof AllocationError) return 'notAllowedByConfig';
    throw error;
  }
}

function allocate(
  allocator: Allocator,
  service: LoadBalancerService,
  namespace: Namespace | undefined,
  { tenant, ip, pool }: Demanded,
): Allocation {
  if (ip !== undefined) {
    const owner = poolOf(allocator.pools, ip);
    if (owner && pool !== undefined && owner.name !== pool) {
      throw new AllocationError(
        `requested loadBalancer IP(s) ["${ip}"] not in requested address pool "${pool}"`,
      );
    }
    if (owner && !admits(owner, service, namespace)) {
      throw new AllocationError(`pool "${owner.name}" not compatible with service`);
    }
    return allocator.assign(tenant, ip);
  }
  if (pool !== undefined) {
    const named = allocator.pools.find(({ name }) => name === pool);
    if (named && !admits(named, service, namespace)) {
      throw new AllocationError(`pool "${pool}" not compatible with service`);
    }
    return allocator.allocateFrom(tenant, pool);
  }
  return allocator.allocate(tenant, automaticPools(allocator.pools, service, namespace));
}
