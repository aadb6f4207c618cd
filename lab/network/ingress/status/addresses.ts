import type { Service } from '../../../api/objects/index.ts';
import type { Ingress, LoadBalancerIngress } from '../objects.ts';

/** A service as far as its addresses go. */
export interface PublishService extends Service {
  spec: Service['spec'] & { externalIPs?: string[] | null };
  status?: { loadBalancer?: { ingress?: LoadBalancerIngress[] | null } };
}

const order = (a: LoadBalancerIngress, b: LoadBalancerIngress) =>
  `${a.hostname ?? ''} ${a.ip ?? ''}` < `${b.hostname ?? ''} ${b.ip ?? ''}` ? -1 : 1;

/** Where clients reach the controller: what an Ingress' status says (internal/ingress/status statusAddressFromService). */
export function publishedAddresses(service: PublishService | undefined): LoadBalancerIngress[] {
  if (!service) return [];
  const { type = 'ClusterIP', clusterIP, externalIPs, externalName } = service.spec;
  const external: LoadBalancerIngress[] = (externalIPs ?? []).map((ip) => ({ ip }));
  const balanced = (service.status?.loadBalancer?.ingress ?? []).flatMap(
    ({ ip, hostname }): LoadBalancerIngress[] => (ip ? [{ ip }] : hostname ? [{ hostname }] : []),
  );
  if (type === 'LoadBalancer') return [...balanced, ...external].sort(order);
  if (type === 'ExternalName') return externalName ? [{ hostname: externalName }] : [];
  if (external.length > 0) return external.sort(order);
  return clusterIP && clusterIP !== 'None' ? [{ ip: clusterIP }] : [];
}

/** Whether an Ingress' status has to be written. */
export function isOutdated({ status }: Ingress, wanted: readonly LoadBalancerIngress[]): boolean {
  const present = (status?.loadBalancer?.ingress ?? []).map(
    ({ ip, hostname }): LoadBalancerIngress => (ip ? { ip } : hostname ? { hostname } : {}),
  );
  const text = (list: readonly object[]) => JSON.stringify(list);
  return text([...present].sort(order)) !== text(wanted);
}
