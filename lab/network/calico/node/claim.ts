import type { ClusterConfig, NodeConfig } from '../../../api/cluster.ts';
import { type Ipam, PinnedBlockHeldError } from '../ipam/index.ts';

/** The node whose calico-node tidies up after nodes that are gone: one is enough, and all know the same nodes. */
export function isController(cluster: ClusterConfig, self: NodeConfig): boolean {
  const controller = cluster.nodes.find(({ role }) => role === 'control-plane');
  return controller?.name === self.name;
}

/**
 * Takes back what nodes held that are not in the cluster any more; the datastore outlives them. In a real cluster
 * this is calico-kube-controllers' work, which sees nodes and pods come and go in the API server. Until there is one,
 * a node leaves only by a new configuration, and with that calico-node starts anew.
 *
 * @returns a line for the log, undefined when there was nothing
 */
export async function tidyUp(ipam: Ipam, cluster: ClusterConfig): Promise<string | undefined> {
  const { nodes, addresses, blocks } = await ipam.releaseRemovedNodes(
    cluster.nodes.map(({ nodeName }) => nodeName),
  );
  if (nodes.length === 0) return undefined;
  const had = [...blocks, ...addresses].join(' ') || 'nothing';
  return `released of nodes that are gone (${nodes.join(', ')}): ${had}`;
}

/** What {@link claimAddress} needs. */
export interface Claim {
  readonly ipam: Ipam;
  readonly cluster: ClusterConfig;
  readonly self: NodeConfig;
  /** Resolves at the next change of a block affinity. */
  changed(): Promise<void>;
  /** Told why the node has to wait, and undefined when it need not any more. */
  onHeld(problem: string | undefined): Promise<void>;
}

/**
 * The address of the node's tunl0, and with it the node's first block. Waits while the block that is pinned to the
 * node is another's: the topology says which addresses are where, so any other block would be wrong without a word.
 *
 * @throws {IpamError} other than `pinned-block-held`
 */
export async function claimAddress(claim: Claim): Promise<string> {
  const { ipam, cluster, self } = claim;
  await ipam.releaseStaleBlocks(self.nodeName);
  for (;;) {
    // Before the attempt, so that no change falls between the two.
    const changed = claim.changed();
    try {
      const address = await ipam.ensureTunnelAddress(self.nodeName);
      await claim.onHeld(undefined);
      return address;
    } catch (error) {
      if (!(error instanceof PinnedBlockHeldError)) throw error;
      await claim.onHeld(`${error.message}: ${adviceFor(error, cluster)}`);
    }
    await changed;
  }
}

function adviceFor({ cidr, holder }: PinnedBlockHeldError, cluster: ClusterConfig): string {
  const controller = cluster.nodes.find(({ role }) => role === 'control-plane');
  if (holder !== undefined && cluster.nodes.some(({ nodeName }) => nodeName === holder)) {
    return `its pods use ${cidr}; pin another block, or remove those pods and restart calico-node of ${holder}`;
  }
  return controller
    ? `that is not in the cluster any more, calico-node of ${controller.name} takes the block back when it starts`
    : 'that is not in the cluster any more, and there is no control-plane node to take the block back';
}
