import type { V1Pod } from '@kubernetes/client-node';
import { vethName } from '../../../api/veth.ts';
import type { Kind, KubeObject } from '../../registry/kind.ts';
import { customKind, customSpec } from '../custom.ts';
import { column } from '../tables/index.ts';

interface WorkloadEndpointSpec {
  readonly pod: string;
  readonly node: string;
  readonly interfaceName: string;
  readonly ipNetworks: readonly string[];
}

/**
 * The interface of a pod as Calico sees it: with the Kubernetes datastore it is no object of its own but a view of the Pod
 * (libcalico-go lib/backend/k8s/conversion PodToWorkloadEndpoints). Columns are calicoctl's (white paper, Figure 76).
 */
export const workloadendpoints: Kind = customKind({
  group: 'crd.projectcalico.org',
  version: 'v1',
  kind: 'WorkloadEndpoint',
  plural: 'workloadendpoints',
  singular: 'workloadendpoint',
  shortNames: ['wep'],
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
  definition: 'org.projectcalico.crd.v1.WorkloadEndpoint',
  view: { of: 'pods', derive },
  columns: [
    column('Workload', 'The pod.'),
    column('Node', 'The node the pod runs on.'),
    column('Networks', 'The addresses of the pod.'),
    column('Interface', "The node's end of the veth pair."),
  ],
  row(object) {
    const { pod, node, ipNetworks, interfaceName } = customSpec<WorkloadEndpointSpec>(object);
    return [pod ?? '', node ?? '', (ipNetworks ?? []).join(','), interfaceName ?? ''];
  },
});

/** Undefined for pods without an interface of their own: not yet started, ended, or on the host's network. */
function derive(object: KubeObject): KubeObject | undefined {
  const { metadata, spec, status } = object as unknown as V1Pod;
  const node = spec?.nodeName ?? '';
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const ips = status?.podIPs?.map(({ ip }) => ip ?? '') ?? (status?.podIP ? [status.podIP] : []);
  if (node === '' || spec?.hostNetwork || ended || ips.length === 0) return undefined;
  const namespace = metadata?.namespace ?? '';
  const pod = metadata?.name ?? '';
  const account = spec?.serviceAccountName ?? 'default';
  return {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'WorkloadEndpoint',
    metadata: {
      ...copied(object),
      name: `${doubled(node)}-k8s-${doubled(pod)}-eth0`,
      labels: {
        ...metadata?.labels,
        'projectcalico.org/namespace': namespace,
        'projectcalico.org/orchestrator': 'k8s',
        'projectcalico.org/serviceaccount': account,
      },
    },
    spec: {
      orchestrator: 'k8s',
      node,
      pod,
      endpoint: 'eth0',
      interfaceName: vethName(namespace, pod),
      ipNetworks: ips.map((ip) => (ip.includes(':') ? `${ip}/128` : `${ip}/32`)),
      profiles: [`kns.${namespace}`, `ksa.${namespace}.${account}`],
      serviceAccountName: account,
    },
  };
}

/** In the parts of an endpoint's name a dash is doubled, so that single dashes separate them. */
function doubled(part: string): string {
  return part.replaceAll('-', '--');
}

function copied({ metadata }: KubeObject): Partial<KubeObject['metadata']> {
  const { namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
  };
}
