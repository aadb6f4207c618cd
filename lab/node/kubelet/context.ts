import type { ExitWatch, ImageStore, NodePaths, PodNetwork } from '../runtime/index.ts';
import type { Clock } from './backoff.ts';
import type { ClusterDns } from './resolv-conf.ts';
import type { EventSink } from './status-sink.ts';

/** What every pod's worker needs of the node. */
export interface NodeContext {
  readonly paths: NodePaths;
  readonly nodeName: string;
  readonly hostIP: string;
  /** Undefined where the node belongs to no cluster; then pods use the node's resolver. */
  readonly cluster: ClusterDns | undefined;
  /** Capabilities that the node itself holds. */
  readonly capabilities: readonly string[];
  readonly images: ImageStore;
  readonly network: PodNetwork;
  readonly exits: ExitWatch;
  readonly event: EventSink;
  readonly clock: Clock;
}
