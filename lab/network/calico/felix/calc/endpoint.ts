import type { Pod } from '../../../../api/objects/index.ts';
import { podIPs } from '../../../../api/pods.ts';
import { vethName } from '../../../../api/veth.ts';
import { NAMESPACE_LABEL, NAMESPACE_PREFIX, ORCHESTRATOR_LABEL } from './selector.ts';

/** A container's port that has a name, for policies that use it. */
export interface NamedPort {
  readonly name: string;
  /** In lower case. */
  readonly protocol: string;
  readonly port: number;
}

/** A pod as Felix sees it (Calico's WorkloadEndpoint). */
export interface Endpoint {
  readonly namespace: string;
  readonly node: string;
  /** Host end of its veth pair. */
  readonly interface: string;
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  /** IPv4 addresses; none until the pod's network is up. */
  readonly addresses: readonly string[];
  readonly ports: readonly NamedPort[];
}

/** Written by the CNI plugin ahead of the kubelet's status; empty once the address is given back. */
const POD_IP = 'cni.projectcalico.org/podIP';

/** Labels that Calico itself gives every pod's endpoint. */
export function endpointLabel(
  endpoint: Endpoint,
  namespaceLabels: Readonly<Record<string, string>>,
  name: string,
): string | undefined {
  if (name === NAMESPACE_LABEL) return endpoint.namespace;
  if (name === ORCHESTRATOR_LABEL) return 'k8s';
  const own = endpoint.labels[name];
  if (own !== undefined || !name.startsWith(NAMESPACE_PREFIX)) return own;
  const inherited = name.slice(NAMESPACE_PREFIX.length);
  return inherited === 'projectcalico.org/name' ? endpoint.namespace : namespaceLabels[inherited];
}

function addressesOf(pod: Pod): string[] {
  const annotation = pod.metadata.annotations?.[POD_IP];
  if (pod.metadata.deletionTimestamp && annotation === '') return [];
  const reported = podIPs(pod);
  const addresses = reported.length > 0 || !annotation ? reported : [annotation.replace(/\/32$/, '')];
  return addresses.filter((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address));
}

/**
 * The endpoint of a pod, from the moment it is bound to a node: the interface's name follows from the pod's, so
 * that its chains can stand before the CNI plugin makes it.
 *
 * @returns undefined for a pod that is bound to no node, has ended, or uses the node's own network
 * @see libcalico-go lib/backend/k8s/conversion `IsValidCalicoWorkloadEndpoint`, `IsFinished`
 */
export function endpointOf(pod: Pod): Endpoint | undefined {
  const { name = '', namespace = '', labels } = pod.metadata;
  const spec = pod.spec as Pod['spec'] & { serviceAccountName?: string };
  const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  if (!spec?.nodeName || spec.hostNetwork || ended) return undefined;
  return {
    namespace,
    node: spec.nodeName,
    interface: vethName(namespace, name),
    serviceAccount: spec.serviceAccountName || 'default',
    labels: labels ?? {},
    addresses: addressesOf(pod),
    ports: (spec.containers ?? []).flatMap((container) =>
      (container.ports ?? []).flatMap(({ name: port, protocol = 'TCP', containerPort }) =>
        port ? [{ name: port, protocol: protocol.toLowerCase(), port: containerPort }] : [],
      ),
    ),
  };
}
