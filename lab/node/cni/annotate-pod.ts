import { PODS } from '../../api/client/index.ts';
import type { ApiCalls } from './api-calls.ts';
import type { PodIdentity } from './cni-args.ts';

const PREFIX = 'cni.projectcalico.org/';

/** What the sandbox of a pod has got. */
export interface Attached {
  readonly address: string;
  readonly containerID: string;
}

/**
 * The patch by which Calico tells the API a pod's address (libcalico-go lib/backend/k8s/resources/workloadendpoint.go): with
 * the Kubernetes datastore the endpoint is the Pod, and the kubelet reports its address seconds later. The uid makes the
 * server refuse it for another pod of that name.
 */
export function podPatch({ uid }: PodIdentity, { address, containerID }: Attached): object {
  const annotations = {
    [`${PREFIX}containerID`]: containerID,
    [`${PREFIX}podIP`]: `${address}/32`,
    [`${PREFIX}podIPs`]: `${address}/32`,
  };
  return { metadata: { annotations, ...(uid === undefined ? {} : { uid }) } };
}

/** @returns what went wrong: that does not keep a pod from its network; a static pod may not be in the API yet */
export async function annotatePod(
  client: ApiCalls,
  pod: PodIdentity,
  attached: Attached,
): Promise<string | undefined> {
  try {
    await client.patch(PODS, pod.name, pod.namespace, podPatch(pod, attached), { subresource: 'status' });
    return undefined;
  } catch (error) {
    return `cannot annotate the pod: ${(error as Error).message}`;
  }
}
