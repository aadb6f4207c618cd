/** What `/run/calico/status.json` tells: the live state of a node's Calico. */
export interface CalicoStatus {
  readonly node: string;
  /** Felix has programmed the node, the CNI plugin is installed, and every mesh session is Established. */
  readonly ready: boolean;
  /** Why it is not ready; empty when it is. */
  readonly waitingFor: readonly string[];
  readonly tunnel?: TunnelStatus;
  /** Blocks whose affinity this node holds. */
  readonly blocks: readonly string[];
  readonly sessions: readonly BgpSession[];
}

export interface TunnelStatus {
  readonly device: 'tunl0';
  /** `kernel`: the ipip module's device; `user`: tunl0d, on kernels without it. */
  readonly dataPlane: 'kernel' | 'user';
  readonly address: string;
  /** Bytes. */
  readonly mtu: number;
}

/** A line of `birdc show protocols` about a BGP peer. */
export interface BgpSession {
  /** e.g. `Mesh_10_1_110_107`. */
  readonly name: string;
  readonly peer: string;
  readonly state: string;
  readonly since: string;
  /** `Established`, or what the session is doing instead. */
  readonly info: string;
}

export const CALICO_STATUS_PATH = '/run/calico/status.json';
