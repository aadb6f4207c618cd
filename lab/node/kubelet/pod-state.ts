import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CrunContainer,
  exitsDir,
  isMountPoint,
  type NodePaths,
  podDir,
  podsDir,
  readOptional,
  writeAtomic,
} from '../runtime/index.ts';
import { log } from './log.ts';
import type { ContainerRecord, PodRecord } from './pod-status.ts';

const stateFile = (paths: NodePaths, uid: string) => join(podDir(paths, uid), 'state.json');

/** Keeps a pod's record where the next kubelet finds it. */
export function savePod(paths: NodePaths, record: PodRecord): Promise<void> {
  return writeAtomic(stateFile(paths, record.pod.metadata.uid), JSON.stringify(record));
}

/** @returns the records of all pods that earlier kubelets left, as they were written. */
export async function loadPods(paths: NodePaths): Promise<PodRecord[]> {
  const uids = await readdir(podsDir(paths)).catch(() => [] as string[]);
  const records: PodRecord[] = [];
  for (const uid of uids) {
    const text = await readOptional(stateFile(paths, uid));
    try {
      if (text !== undefined) records.push(JSON.parse(text) as PodRecord);
    } catch (error) {
      log.error('Pod state cannot be read; its directory stays', { uid, err: error });
    }
  }
  return records;
}

/** What is left of a pod, as found when the kubelet starts. */
export interface Survivors {
  /** Ids of the containers that run. */
  readonly running: ReadonlyMap<string, CrunContainer>;
  readonly netnsAlive: (path: string) => boolean;
  /** Exit codes of containers that ended while no kubelet ran. */
  readonly exitCode: (container: ContainerRecord) => number | undefined;
  readonly now: string;
}

/**
 * Brings a record up to date with what survived. A restarted kubelet finds everything running; a restarted node
 * finds nothing, and its sandbox counts as not ready, so that it is undone and made anew. Pure.
 */
export function reconcile(record: PodRecord, survivors: Survivors): PodRecord {
  const { sandbox } = record;
  const alive =
    sandbox?.ready === true &&
    survivors.running.has(sandbox.id) &&
    (sandbox.netns === '' || survivors.netnsAlive(sandbox.netns));
  return {
    ...record,
    sandbox: sandbox === undefined ? undefined : { ...sandbox, ready: alive },
    containers: record.containers.map((container): ContainerRecord => {
      if (container.state === 'exited' || container.state === 'unknown') return container;
      const found = survivors.running.get(container.id);
      if (found?.status === 'running' && alive) return { ...container, state: 'running', pid: found.pid };
      if (found !== undefined) return { ...container, state: 'unknown' };
      const exitCode = survivors.exitCode(container);
      return {
        ...container,
        state: 'exited',
        exitCode: exitCode ?? 137,
        finishedAt: survivors.now,
        ...(exitCode === undefined
          ? {
              reason: 'ContainerStatusUnknown',
              message: 'The container could not be located when the pod was deleted or the node restarted',
            }
          : {}),
      };
    }),
  };
}

/** Reads exit codes where conmon leaves them: the watched directory, and the container's own. */
export async function findExitCodes(paths: NodePaths, record: PodRecord): Promise<Map<string, number>> {
  const codes = new Map<string, number>();
  for (const container of record.containers) {
    if (container.state === 'exited') continue;
    const own = join(
      podDir(paths, record.pod.metadata.uid),
      'containers',
      container.name,
      String(container.attempt),
      'exit',
    );
    const text = (await readOptional(join(exitsDir(paths), container.id))) ?? (await readOptional(own));
    if (text !== undefined) codes.set(container.id, Number.parseInt(text, 10) || 0);
  }
  return codes;
}

export const netnsAlive = isMountPoint;
