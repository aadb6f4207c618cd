import type { Service } from '../../api/objects/index.ts';

/** A service with the fields that a load balancer reads and writes. */
export interface LoadBalancerService extends Service {
  spec: Service['spec'] & {
    loadBalancerIP?: string;
    loadBalancerClass?: string;
    externalTrafficPolicy?: string;
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] | null } };
}

/** Addresses that the service has got. */
export const ingressAddresses = ({ status }: LoadBalancerService): string[] =>
  (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));

/**
 * Whether it is MetalLB that has to serve it: of type LoadBalancer, and without a class or with MetalLB's.
 *
 * @param ownClass MetalLB's `--lb-class`: with it only services of exactly that class are served
 */
export function isServed({ spec }: LoadBalancerService, ownClass: string | undefined): boolean {
  return spec.type === 'LoadBalancer' && (spec.loadBalancerClass ?? '') === (ownClass ?? '');
}

/** An annotation under MetalLB's old domain or its new one. */
export function annotation(service: LoadBalancerService, name: string): string | undefined {
  const annotations = service.metadata.annotations ?? {};
  return annotations[`metallb.universe.tf/${name}`] ?? annotations[`metallb.io/${name}`];
}
