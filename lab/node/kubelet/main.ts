import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { clientFromFile, eventRecorder } from '../../api/client/index.ts';
import { CLUSTER_CONFIG_PATH, type ClusterConfig, NODE_ENV } from '../../api/cluster.ts';
import {
  boundingSet,
  DEFAULT_PATHS,
  exitsDir,
  openImageStore,
  openPodNetwork,
  readOptional,
  sealCrun,
  watchExits,
} from '../runtime/index.ts';
import { startCommandRunner } from '../shell/index.ts';
import { adoptable } from './adopt.ts';
import {
  CERTIFICATE,
  checkIdentity,
  connectApi,
  eventSink,
  heartbeatFor,
  KEY,
  KUBELET_CONFIG_PATH,
  KUBELET_PORT,
  nodeResources,
  podObjects,
  readKubeletConfig,
  readNodeFacts,
} from './api/index.ts';
import type { NodeContext } from './context.ts';
import { fileSource } from './file-source.ts';
import { Kubelet } from './kubelet.ts';
import { log } from './log.ts';
import { preparePause } from './sandbox.ts';
import { authorizer, startKubeletServer } from './server/index.ts';
import { allSinks, fileSink, type StatusSink } from './status-sink.ts';

async function clusterConfig(): Promise<ClusterConfig | undefined> {
  const text = await readOptional(CLUSTER_CONFIG_PATH);
  return text === undefined ? undefined : (JSON.parse(text) as ClusterConfig);
}

async function shortName(): Promise<string> {
  const name = process.env[NODE_ENV] ?? (await readOptional('/etc/hoplab/node-name')) ?? '';
  return name.trim() || (await readFile('/etc/hostname', 'utf8')).trim();
}

/** Only where no cluster.json says it: the address that the node's own name has in /etc/hosts. */
async function ownAddress(): Promise<string> {
  const found = await lookup(hostname(), { family: 4 }).catch(() => undefined);
  return found?.address ?? '127.0.0.1';
}

async function main(): Promise<void> {
  startCommandRunner();
  const paths = DEFAULT_PATHS;
  const [cluster, name, config] = await Promise.all([clusterConfig(), shortName(), readKubeletConfig()]);
  if (config !== undefined) await checkIdentity(config);
  const self = cluster?.nodes.find((node) => node.name === name);
  const nodeName = self?.nodeName ?? name;
  const address = self?.address ?? (await ownAddress());
  const facts = await readNodeFacts(nodeName, paths.state);
  const client = config === undefined ? undefined : clientFromFile(KUBELET_CONFIG_PATH, 'kubelet');
  const recorder = client && eventRecorder(client, { component: 'kubelet', host: nodeName });
  const objects = client && podObjects(client, Date.now);
  const context: NodeContext = {
    paths,
    nodeName,
    hostIP: address,
    cluster,
    capabilities: boundingSet(readFileSync('/proc/self/status', 'utf8')),
    allocatable: nodeResources(facts).allocatable,
    images: openImageStore(paths.images),
    network: openPodNetwork(paths),
    exits: watchExits(exitsDir(paths)),
    event: eventSink(recorder, objects?.ready),
    clock: Date.now,
    objects,
  };
  log.info('Starting kubelet', { node: nodeName, hostIP: address, server: config?.server ?? '' });
  await Promise.all([preparePause(context), sealCrun(join(paths.run, 'crun'))]);
  const leftovers = await adoptable(context);

  const api =
    client &&
    recorder &&
    connectApi({
      client,
      recorder,
      identity: { nodeName, address, controlPlane: self?.role === 'control-plane' },
      facts,
      clock: Date.now,
      heartbeatSeconds:
        config?.heartbeatSeconds ?? (cluster && heartbeatFor(cluster.controllers.nodeMonitorGracePeriod)),
    });
  const listeners = new Set<() => void>();
  const sinks: StatusSink[] = [
    fileSink(join(paths.run, 'status.json'), (error) =>
      log.error('status.json cannot be written', { err: error }),
    ),
    {
      publish() {
        for (const act of listeners) act();
      },
    },
    ...(api ? [api.sink] : []),
  ];
  const kubelet = new Kubelet(context, name, allSinks(sinks), leftovers);
  context.network.onChange(() => void kubelet.wake());
  context.images.onChange(() => void kubelet.wake());
  // What waited for the API server goes on at once.
  void context.objects?.ready.then(() => kubelet.wake());
  await kubelet.wake();
  const files = fileSource(paths.manifests);
  if (api === undefined) {
    await files.start((pods) => kubelet.setPods({ pods, apiKnown: true }));
    return;
  }
  await api.start(files, (wanted) => kubelet.setPods(wanted));
  await startKubeletServer({
    address,
    port: KUBELET_PORT,
    certFile: CERTIFICATE,
    keyFile: KEY,
    authorize: authorizer(config?.serverTokens ?? []),
    pods: {
      paths,
      find: (namespace, podName) => kubelet.find(`${namespace}/${podName}`),
      list: () => kubelet.list(),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
}

// Pods outlive the kubelet, as on a real node: the next one adopts them. When the whole node stops, the end of
// PID 1 ends them; waiting here would only delay that.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
process.on('unhandledRejection', (error) => log.error('Unhandled error', { err: error as Error }));

main().catch((error: unknown) => {
  log.error('kubelet cannot start', { err: error as Error });
  process.exit(1);
});
