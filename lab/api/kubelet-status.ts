/**
 * What the host side reads of `/run/kubelet/status.json`: the part of the kubelet's report that status, graph and the
 * other verbs show. The kubelet writes more (lab/node/kubelet/pod-report.ts).
 */
export interface KubeletStatus {
  readonly node: string;
  readonly ready: boolean;
  readonly message: string;
  readonly pods: readonly KubeletPod[];
}

export interface KubeletPod {
  readonly namespace: string;
  readonly name: string;
  readonly phase: string;
  /** Empty while the pod has no address. */
  readonly podIP: string;
  readonly hostNetwork: boolean;
  /** Why the pod as a whole does not go on; empty when it does. */
  readonly message: string;
  readonly containerStatuses: readonly KubeletContainer[];
  readonly initContainerStatuses?: readonly KubeletContainer[];
}

export interface KubeletContainer {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  /** An init container that keeps running beside the regular ones. */
  readonly sidecar?: true;
  readonly state: { readonly waiting?: { readonly reason: string; readonly message?: string } };
}

export const KUBELET_STATUS_PATH = '/run/kubelet/status.json';
