import { type ApiClient, type EventRecorder, informer, PODS } from '../../../api/client/index.ts';
import type { Pod } from '../../runtime/index.ts';
import type { Clock } from '../backoff.ts';
import { log } from '../log.ts';
import type { PodSource, WantedPods } from '../pod-source.ts';
import { allSinks, type StatusSink } from '../status-sink.ts';
import { MergedSource, staticSource } from './api-source.ts';
import { MirrorKeeper } from './mirror-keeper.ts';
import { NodeAgent } from './node-agent.ts';
import type { NodeFacts, NodeIdentity } from './node-object.ts';
import type { ApiPod } from './pod-from-api.ts';
import { StatusManager } from './status-manager.ts';

export interface ApiConnectionOptions {
  readonly client: ApiClient;
  readonly recorder: EventRecorder;
  readonly identity: NodeIdentity;
  readonly facts: NodeFacts;
  readonly clock: Clock;
  readonly heartbeatSeconds?: number | undefined;
}

/** The kubelet's side of the API server: where pods come from and where reports go. */
export interface ApiConnection {
  readonly sink: StatusSink;
  /** Begins to deliver pods of files and API; neither needs the API server to be there yet. */
  start(files: PodSource, listener: (wanted: WantedPods) => void): Promise<void>;
}

export function connectApi(options: ApiConnectionOptions): ApiConnection {
  const { client, recorder, identity, facts, clock, heartbeatSeconds } = options;
  const { nodeName } = identity;
  let unreachable = '';
  const pods = informer<ApiPod>(client, PODS, {
    fieldSelector: `spec.nodeName=${nodeName}`,
    onError: (error) => {
      // Once per reason: a kubelet may run for long before its API server does.
      const said = (error as Error).message;
      if (said !== unreachable) log.error('Failed to watch pods', { err: said });
      unreachable = said;
    },
    transform: ({ metadata, ...rest }) => {
      const { managedFields: _dropped, ...kept } = metadata as typeof metadata & { managedFields?: unknown };
      return { ...rest, metadata: kept };
    },
  });
  const statuses = new StatusManager(client, pods, clock);
  const mirrors = new MirrorKeeper(client, pods, () => agent.owner);
  const agent: NodeAgent = new NodeAgent(client, {
    identity,
    facts,
    recorder,
    clock,
    heartbeatSeconds,
    registered: () => mirrors.look(),
  });
  return {
    sink: allSinks([statuses, agent]),
    start(files, listener) {
      const merged = new MergedSource(pods, listener);
      void pods.synced.then(() => mirrors.look());
      agent.start();
      return staticSource(files, nodeName).start((statics: readonly Pod[]) => {
        merged.setStatics(statics);
        mirrors.setStatics(statics);
      });
    },
  };
}
