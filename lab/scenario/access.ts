import type { Topology } from '../topology/topology.ts';

/**
 * Where a command runs: a node (`worker1`), a host (`client`), `router`, a pod (`default/frontend-1`: its first
 * container), one container of a pod (`default/two-containers/debian-container`), or {@link KUBECTL}.
 */
export type Target = string;

/** The target whose commands are words for kubectl: `{ on: KUBECTL, run: 'get pods' }` is `hoplab kubectl get pods`. */
export const KUBECTL = 'kubectl';

/** The target of a scenario's browser: `{ on: BROWSER, run: 'browse http://…' }`. */
export const BROWSER = 'browser';

export interface ExecOptions {
  readonly stdin?: string;
  /** After this many milliseconds the command is killed and the result says `timedOut`. */
  readonly timeoutMs?: number;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut?: boolean;
}

/** A command that goes on running, e.g. a capture. */
export interface CommandStream {
  /** Lines of stdout and stderr as a terminal would show them; ends when the command ends. */
  readonly lines: AsyncIterable<string>;
  /** Ctrl-C: sends SIGINT to the command inside the target and resolves when it is gone. May be called twice. */
  stop(): Promise<void>;
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** A pod and the short name of its node (`spec.nodeName`). */
export interface PlacedPod extends PodName {
  readonly node: string;
}

/** One pod of a manifest, placed on a node. */
export interface PodManifest extends PlacedPod {
  /** The v1 Pod as YAML, one document, with `spec.nodeName` and `metadata.namespace` filled in. */
  readonly yaml: string;
  /** The file it came from. */
  readonly file: string;
}

export type NodeStopHow = 'shutdown' | 'power-cut';

/**
 * All that a scenario can do to a lab. The lab's life cycle implements it over Docker; tests implement it with a fake.
 * A method that fails throws; a command that ends with a code other than 0 does not.
 */
export interface LabAccess {
  readonly topology: Topology;
  /** Name of the running lab; the evidence of failures is kept under it. */
  readonly lab: string;
  /** Runs `sh -c COMMAND` in the target. */
  exec(target: Target, command: string, options?: ExecOptions): Promise<ExecResult>;
  /** Starts `sh -c COMMAND` in the target; resolves when it was started. */
  stream(target: Target, command: string): Promise<CommandStream>;
  /** Applies manifests of any kind (YAML, several documents) and brings the images that they name. */
  apply(manifests: string): Promise<void>;
  /** Deletes the objects of the manifests; resolves when they are gone. What is not there is no failure. */
  remove(manifests: string): Promise<void>;
  /** Gives the manifests to the kubelets of their nodes; converges when a pod is there already. */
  applyPods(pods: readonly PodManifest[]): Promise<void>;
  /** Takes the pods away; resolves when they are gone and their addresses are free. */
  deletePods(pods: readonly PlacedPod[]): Promise<void>;
  /**
   * Resolves when each pod has its address and each of its containers runs or ended with code 0; throws at the
   * deadline. The pods are the scenario's or the topology's; a node that was just started may not know them yet.
   */
  waitReady(pods: readonly PlacedPod[], withinMs: number): Promise<void>;
  /** `power-cut`: nothing is said to the peers, the node is silent from one moment to the next. */
  nodeStop(node: string, how: NodeStopHow): Promise<void>;
  /** Resolves when the node's container runs; its pods and routes come later. */
  nodeStart(node: string): Promise<void>;
  /** Starts a browser on a host's network, as target {@link BROWSER}; the first time, its image is built. */
  startBrowser(host: string): Promise<void>;
  /** Ends the browser, if there is one. Returns its screenshots: PNG by file name. */
  stopBrowser(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** What the kernel has, as `lab doctor` finds it: `ipip`, `ip_vs`, `netem`, … */
  capabilities(): Promise<Readonly<Record<string, boolean>>>;
}
