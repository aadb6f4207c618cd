import { formatIPv4, parseIPv4 } from '../ipv4.ts';
import { addressesOf, type Pool, poolOf } from '../pools.ts';

/** What of a service decides whether it may have an address, or share one. */
export interface Tenant {
  /** `namespace/name`. */
  readonly key: string;
  /** e.g. `TCP/80`. */
  readonly ports: readonly string[];
  /** Annotation allow-shared-ip; empty: does not share. */
  readonly sharingKey: string;
  /** What its pods are selected by, for policy Local; empty for policy Cluster. Sharers must agree. */
  readonly backendKey: string;
}

export interface Allocation {
  readonly ip: string;
  readonly pool: string;
}

/** The reason why there is no address, in MetalLB's words. */
export class AllocationError extends Error {}

interface Lease extends Allocation {
  readonly tenant: Tenant;
}

/**
 * Who has which address. MetalLB's allocator: an address belongs to one service, or to several that all carry the same sharing key, use
 * different ports, and (under policy Local) have the same pods behind them.
 */
export class Allocator {
  #pools: readonly Pool[] = [];
  readonly #leases = new Map<string, Lease>();
  readonly #byAddress = new Map<string, Set<string>>();

  /** New pools. Addresses that are in none any more stay until they are released: {@link isValid} tells. */
  setPools(pools: readonly Pool[]): void {
    this.#pools = pools;
  }

  get pools(): readonly Pool[] {
    return this.#pools;
  }

  get(key: string): Allocation | undefined {
    return this.#leases.get(key);
  }

  /** @returns whether the service had one */
  release(key: string): boolean {
    const lease = this.#leases.get(key);
    if (!lease) return false;
    this.#leases.delete(key);
    const tenants = this.#byAddress.get(lease.ip);
    tenants?.delete(key);
    if (tenants?.size === 0) this.#byAddress.delete(lease.ip);
    return true;
  }

  /**
   * Gives a service this address, in place of the one it had.
   *
   * @throws AllocationError when it is in no pool, or has a tenant that it cannot be shared with; nothing has changed then
   */
  assign(tenant: Tenant, ip: string): Allocation {
    const pool = poolOf(this.#pools, ip);
    if (!pool) throw new AllocationError(`["${ip}"] is not allowed in config`);
    this.#checkSharing(tenant, ip);
    this.release(tenant.key);
    const lease = { ip, pool: pool.name, tenant };
    this.#leases.set(tenant.key, lease);
    this.#byAddress.set(ip, (this.#byAddress.get(ip) ?? new Set()).add(tenant.key));
    return lease;
  }

  /** The first free address of a pool, or the first that can be shared. @throws AllocationError */
  allocateFrom(tenant: Tenant, poolName: string): Allocation {
    const pool = this.#pools.find(({ name }) => name === poolName);
    if (!pool) throw new AllocationError(`unknown pool "${poolName}"`);
    const ip = this.#firstUsable(tenant, pool);
    if (ip === undefined) throw new AllocationError(`no available IPs in pool "${poolName}"`);
    return this.assign(tenant, ip);
  }

  /** From any of these pools, in order. @throws AllocationError */
  allocate(tenant: Tenant, pools: readonly Pool[]): Allocation {
    for (const pool of pools) {
      const ip = this.#firstUsable(tenant, pool);
      if (ip !== undefined) return this.assign(tenant, ip);
    }
    throw new AllocationError('no available IPs');
  }

  /** Addresses of a pool that are in use. */
  inUse(poolName: string): number {
    const used = new Set<string>();
    for (const { pool, ip } of this.#leases.values()) if (pool === poolName) used.add(ip);
    return used.size;
  }

  #firstUsable(tenant: Tenant, pool: Pool): string | undefined {
    for (const address of addressesOf(pool)) {
      const ip = formatIPv4(address);
      if (!this.#byAddress.has(ip)) return ip;
      if (tenant.sharingKey !== '' && this.#sharingProblem(tenant, ip) === undefined) return ip;
    }
    return undefined;
  }

  #checkSharing(tenant: Tenant, ip: string): void {
    const problem = parseIPv4(ip) === undefined ? 'invalid IP' : this.#sharingProblem(tenant, ip);
    if (problem !== undefined)
      throw new AllocationError(`can't change sharing key for "${tenant.key}", ${problem}`);
  }

  #sharingProblem(tenant: Tenant, ip: string): string | undefined {
    for (const key of this.#byAddress.get(ip) ?? []) {
      const other = this.#leases.get(key)?.tenant;
      if (!other || key === tenant.key) continue;
      if (
        tenant.sharingKey === '' ||
        other.sharingKey !== tenant.sharingKey ||
        other.backendKey !== tenant.backendKey
      ) {
        return `address also in use by ${key}`;
      }
      const clash = tenant.ports.find((port) => other.ports.includes(port));
      if (clash !== undefined) return `port ${clash} is already in use on "${ip}" by ${key}`;
    }
    return undefined;
  }
}
