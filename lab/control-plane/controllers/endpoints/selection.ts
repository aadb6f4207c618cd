import { type Informer, keyOf } from '../../../api/client/index.ts';
import { canonicalJson } from '../../../api/hash.ts';
import type { Pod, Service } from '../../../api/objects/index.ts';
import { fromLabels, matches } from '../../../api/selectors.ts';

/** The pods that a service selects. An empty selector selects all of the namespace, an absent one nothing. */
export function podsSelectedBy({ metadata, spec }: Service, pods: Informer<Pod>): Pod[] {
  if (!spec.selector) return [];
  const requirements = fromLabels(spec.selector);
  return pods.list(metadata.namespace).filter((pod) => matches(requirements, pod.metadata.labels));
}

/** Tells the services to which a changed pod matters, or mattered before its labels were changed. */
export function servicesOfPods(
  pods: Informer<Pod>,
  services: Informer<Service>,
  changed: (key: string) => void,
): void {
  const tell = (pod: Pod) => {
    for (const service of services.list(pod.metadata.namespace)) {
      const { selector } = service.spec;
      if (selector && matches(fromLabels(selector), pod.metadata.labels)) changed(keyOf(service));
    }
  };
  pods.on({
    add: tell,
    delete: tell,
    update(pod, old) {
      if (digest(pod) === digest(old)) return;
      tell(pod);
      if (canonicalJson(pod.metadata.labels) !== canonicalJson(old.metadata.labels)) tell(old);
    },
  });
}

/** All of a pod that endpoints are made of; other changes (container statuses, annotations) wake nobody. */
function digest({ metadata, spec, status }: Pod): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const { podIP, podIPs, phase } = status ?? {};
  const { labels, deletionTimestamp } = metadata;
  const { nodeName, hostname, subdomain } = spec;
  return canonicalJson([
    labels,
    deletionTimestamp,
    nodeName,
    hostname,
    subdomain,
    podIP,
    podIPs,
    phase,
    ready,
  ]);
}
