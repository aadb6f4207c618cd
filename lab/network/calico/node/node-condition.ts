import { type ApiClient, NODES, timestamp } from '../../../api/client/index.ts';
import type { Condition, Node } from '../../../api/objects/index.ts';

/** What `kubectl describe node` shows of a node with Calico. calico node/pkg/lifecycle/utils, SetNodeNetworkUnavailableCondition. */
export function calicoIsUp(now: number): Condition {
  return {
    type: 'NetworkUnavailable',
    status: 'False',
    lastHeartbeatTime: timestamp(now),
    lastTransitionTime: timestamp(now),
    reason: 'CalicoIsUp',
    message: 'Calico is running on this node',
  };
}

/** Tells the API that the node's network works. */
export async function tellCalicoIsUp(client: ApiClient, nodeName: string): Promise<void> {
  const status = { conditions: [calicoIsUp(Date.now())] };
  await client.patch<Node>(
    NODES,
    nodeName,
    undefined,
    { status },
    { type: 'strategic', subresource: 'status' },
  );
}
