export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly signal?: number;
    readonly reason: string;
    readonly message?: string;
    readonly startedAt: string | null;
    readonly finishedAt: string | null;
    readonly containerID: string;
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
  readonly containerID: string;
  /** Of the container's first process, as the node sees it; 0 when none runs. */
  readonly pid: number;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  /** Of an init container that keeps running beside the regular ones. */
  readonly sidecar?: true;
  readonly message?: string;
}

export interface PodCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

/** One pod in status.json; api/pod-status.ts turns it into a PodStatus of the API. */
export interface PodReport {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Of a manifest file of the node, not of the API. */
  readonly static: boolean;
  readonly phase: PodPhase;
  readonly podIP: string;
  readonly hostIP: string;
  readonly hostNetwork: boolean;
  readonly startTime: string;
  readonly terminating: boolean;
  readonly conditions: readonly PodCondition[];
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
  readonly sandboxID: string;
  readonly sandboxPid: number;
  readonly netns: string;
  readonly message: string;
}

/** The containers that make up a pod that runs, in the order in which they start: sidecars and regular ones. */
export function lastingContainers(
  pod: Pick<PodReport, 'initContainerStatuses' | 'containerStatuses'>,
): ContainerStatus[] {
  return [...pod.initContainerStatuses.filter(({ sidecar }) => sidecar), ...pod.containerStatuses];
}
