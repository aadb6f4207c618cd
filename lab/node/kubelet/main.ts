import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CLUSTER_CONFIG_PATH, type ClusterConfig, NODE_ENV } from '../../api/cluster.ts';
import {
  boundingSet,
  crunDelete,
  crunList,
  DEFAULT_PATHS,
  exitsDir,
  openImageStore,
  openPodNetwork,
  readOptional,
  watchExits,
} from '../runtime/index.ts';
import type { NodeContext } from './context.ts';
import { fileSource } from './file-source.ts';
import { Kubelet } from './kubelet.ts';
import { log } from './log.ts';
import { findExitCodes, loadPods, netnsAlive, reconcile } from './pod-state.ts';
import type { PodRecord } from './pod-status.ts';
import { preparePause } from './sandbox.ts';
import { fileSink } from './status-sink.ts';

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

/** Finds out what earlier kubelets left and what of it still runs; removes what belongs to no pod. */
async function adoptable(context: NodeContext): Promise<PodRecord[]> {
  const [records, containers] = await Promise.all([loadPods(context.paths), crunList()]);
  const running = new Map(
    containers.filter(({ status }) => status !== 'stopped').map((entry) => [entry.id, entry]),
  );
  const now = new Date().toISOString();
  const adopted: PodRecord[] = [];
  for (const record of records) {
    const codes = await findExitCodes(context.paths, record);
    const exitCode = (container: { id: string }) => codes.get(container.id);
    adopted.push(reconcile(record, { running, netnsAlive, exitCode, now }));
  }
  const sandboxes = new Set(records.flatMap(({ sandbox }) => (sandbox === undefined ? [] : [sandbox.id])));
  const known = new Set([
    ...sandboxes,
    ...records.flatMap((record) => record.containers.map(({ id }) => id)),
  ]);
  await Promise.all(containers.filter(({ id }) => !known.has(id)).map(({ id }) => crunDelete(id)));
  await context.network.collect(sandboxes);
  return adopted;
}

async function main(): Promise<void> {
  const paths = DEFAULT_PATHS;
  const [cluster, name] = await Promise.all([clusterConfig(), shortName()]);
  const self = cluster?.nodes.find((node) => node.name === name);
  const context: NodeContext = {
    paths,
    nodeName: self?.nodeName ?? name,
    hostIP: self?.address ?? (await ownAddress()),
    cluster,
    capabilities: boundingSet(readFileSync('/proc/self/status', 'utf8')),
    images: openImageStore(paths.images),
    network: openPodNetwork(paths),
    exits: watchExits(exitsDir(paths)),
    event: (pod, type, reason, message) => {
      const write = type === 'Warning' ? log.warn : log.info;
      write('Event occurred', {
        object: `${pod.metadata.namespace}/${pod.metadata.name}`,
        type,
        reason,
        message,
      });
    },
    clock: Date.now,
  };
  log.info('Starting kubelet', { node: context.nodeName, hostIP: context.hostIP });
  await preparePause(context);
  const leftovers = await adoptable(context);
  const sink = fileSink(join(paths.run, 'status.json'), (error) =>
    log.error('status.json cannot be written', { err: error }),
  );
  const kubelet = new Kubelet(context, name, sink, leftovers);
  context.network.onChange(() => void kubelet.wake());
  context.images.onChange(() => void kubelet.wake());
  await kubelet.wake();
  const source = fileSource(paths.manifests);
  await source.start((pods) => kubelet.setPods(pods));
}

// Pods outlive the kubelet, as on a real node: the next one adopts them. When the whole node stops, the end of
// PID 1 ends them; waiting here would only delay that.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
process.on('unhandledRejection', (error) => log.error('Unhandled error', { err: error as Error }));

main().catch((error: unknown) => {
  log.error('kubelet cannot start', { err: error as Error });
  process.exit(1);
});
