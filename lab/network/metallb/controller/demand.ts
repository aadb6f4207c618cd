import type { Namespace } from '../../../api/objects/index.ts';
import { selects } from '../../../api/selectors.ts';
import type { Pool } from '../pools.ts';
import { annotation, type LoadBalancerService } from '../service.ts';
import type { Tenant } from './allocator.ts';

/** What a service asks for. */
export interface Demand {
  readonly tenant: Tenant;
  /** The address that it must have; undefined: any. */
  readonly ip: string | undefined;
  /** The pool that it must be from; undefined: any. */
  readonly pool: string | undefined;
  /** A contradiction in what is asked for. */
  readonly problem: string | undefined;
}

/** Under policy Local a shared address must lead to the same pods, else packets of one service meet a node without its pods. */
function backendKey({ spec }: LoadBalancerService): string {
  if (spec.externalTrafficPolicy !== 'Local') return '';
  return Object.entries(spec.selector ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

export function demandOf(service: LoadBalancerService): Demand {
  const { metadata, spec } = service;
  const requested = annotation(service, 'loadBalancerIPs');
  const addresses = (requested ?? spec.loadBalancerIP ?? '').split(',').map((text) => text.trim());
  const [ip = '', ...more] = addresses;
  const both = requested !== undefined && (spec.loadBalancerIP ?? '') !== '';
  const problem = both
    ? 'service can not have both metallb.universe.tf/loadBalancerIPs and svc.Spec.LoadBalancerIP'
    : more.length > 0
      ? `more than one address requested: ${addresses.join(',')}`
      : undefined;
  return {
    tenant: {
      key: `${metadata.namespace}/${metadata.name}`,
      ports: (spec.ports ?? []).map(({ protocol, port }) => `${protocol ?? 'TCP'}/${port}`),
      sharingKey: annotation(service, 'allow-shared-ip') ?? '',
      backendKey: backendKey(service),
    },
    ip: ip === '' ? undefined : ip,
    pool: annotation(service, 'address-pool'),
    problem,
  };
}

/** Whether a pool's reservation, if it has one, lets this service in. */
export function admits({ reservedFor }: Pool, service: LoadBalancerService, namespace?: Namespace): boolean {
  if (!reservedFor) return true;
  const { namespaces, namespaceSelectors, serviceSelectors } = reservedFor;
  const byNamespace =
    (namespaces.length === 0 && namespaceSelectors.length === 0) ||
    namespaces.includes(service.metadata.namespace ?? '') ||
    namespaceSelectors.some((selector) => selects(selector, namespace?.metadata.labels));
  const byService =
    serviceSelectors.length === 0 ||
    serviceSelectors.some((selector) => selects(selector, service.metadata.labels));
  return byNamespace && byService;
}

/** The pools that may serve it unasked: reserved ones first, by priority (1 first, 0 last), then the others. */
export function automaticPools(
  pools: readonly Pool[],
  service: LoadBalancerService,
  namespace?: Namespace,
): Pool[] {
  const place = ({ priority }: Pool) => (priority === 0 ? Number.POSITIVE_INFINITY : priority);
  const usable = pools.filter((pool) => pool.autoAssign && admits(pool, service, namespace));
  return usable.sort((a, b) => {
    if ((a.reservedFor === undefined) !== (b.reservedFor === undefined)) return a.reservedFor ? -1 : 1;
    const [first, second] = [place(a), place(b)];
    return first === second ? 0 : first - second;
  });
}
