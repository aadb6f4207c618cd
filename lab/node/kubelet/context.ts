import type { ExitWatch, ImageStore, NodePaths, Pod, PodNetwork } from '../runtime/index.ts';
import type { Clock } from './backoff.ts';
import type { Allocatable, DataObjects, PlacedFacts, ServiceFacts } from './env/index.ts';
import type { ClusterDns } from './resolv-conf.ts';
import type { EventSink } from './status-sink.ts';
import type { Claims, Tokens } from './volumes/index.ts';

/** What pods need of the API server: the objects that they refer to. */
export interface PodObjects extends DataObjects, Claims, Tokens {
  /** Undefined until they have been listed once. */
  services(): readonly ServiceFacts[] | undefined;
  /** Resolves when the services have been listed once. */
  readonly ready: Promise<void>;
  /** Calls `listener` when an object that the pod refers to appears or changes. @returns a function that ends it */
  follow(pod: Pod, listener: () => void): () => void;
}

/** What every pod's worker needs of the node. */
export interface NodeContext {
  readonly paths: NodePaths;
  readonly nodeName: string;
  readonly hostIP: string;
  /** Undefined where the node belongs to no cluster; then pods use the node's resolver. */
  readonly cluster: ClusterDns | undefined;
  /** Capabilities that the node itself holds. */
  readonly capabilities: readonly string[];
  readonly allocatable: Allocatable;
  readonly images: ImageStore;
  readonly network: PodNetwork;
  readonly exits: ExitWatch;
  readonly event: EventSink;
  readonly clock: Clock;
  /** Undefined on a node without API server. */
  readonly objects: PodObjects | undefined;
}

/** What the downward API tells a pod about its place. */
export function placedFacts(context: NodeContext, podIP: string): PlacedFacts {
  const { hostIP, nodeName, allocatable } = context;
  return { podIP, hostIP, nodeName, allocatable };
}
