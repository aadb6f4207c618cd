import type { Kind } from '../registry/kind.ts';
import {
  blockaffinities,
  ipamblocks,
  ipamconfigs,
  ipamhandles,
  ippools,
  ipreservations,
  workloadendpoints,
} from './calico/index.ts';
import { events, leases, namespaces, nodes, serviceaccounts } from './cluster/index.ts';
import { configmaps, secrets } from './config/index.ts';
import { decodeValues } from './decode.ts';
import { dropEmpty } from './empty.ts';
import { endpoints, endpointslices } from './endpoints/index.ts';
import { ipaddresspools, l2advertisements } from './metallb/index.ts';
import { ingressclasses, ingresses, networkpolicies } from './networking/index.ts';
import { pods } from './pod/index.ts';
import { services } from './service/index.ts';
import { persistentvolumeclaims, persistentvolumes, storageclasses } from './storage/index.ts';
import { controllerrevisions, daemonsets, deployments, replicasets } from './workloads/index.ts';

export { dropEmpty };

/** All kinds the API server serves, in the order of discovery. */
export const KINDS: readonly Kind[] = [
  configmaps,
  endpoints,
  events,
  namespaces,
  nodes,
  persistentvolumeclaims,
  persistentvolumes,
  pods,
  secrets,
  serviceaccounts,
  services,
  controllerrevisions,
  daemonsets,
  deployments,
  replicasets,
  leases,
  endpointslices,
  ingressclasses,
  ingresses,
  networkpolicies,
  storageclasses,
  blockaffinities,
  ipamblocks,
  ipamconfigs,
  ipamhandles,
  ippools,
  ipreservations,
  workloadendpoints,
  ipaddresspools,
  l2advertisements,
].map(withDecoding);

/** Custom resources are stored as they are: a list that is empty stays one. */
function isCustom({ group }: Kind): boolean {
  return /^(crd\.projectcalico\.org|metallb\.io)$/.test(group);
}

/** Values are brought into the form that Go's decoder gives them before anything else looks at an object. */
function withDecoding(kind: Kind): Kind {
  return {
    ...kind,
    defaults(object) {
      decodeValues(object, kind.schema);
      kind.defaults?.(object);
    },
    ...(!isCustom(kind) && { prepareForStorage: (object) => dropEmpty(object, kind.schema) }),
  };
}
