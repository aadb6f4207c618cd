import type { Pod } from '../runtime/index.ts';

/** What the kubelet knows about one container it made. Kept on disk, so that a restarted kubelet adopts it. */
export interface ContainerRecord {
  readonly id: string;
  readonly name: string;
  readonly init: boolean;
  /** 0 for the first, one more with every restart; also the number of the log file. */
  readonly attempt: number;
  readonly image: string;
  readonly imageID: string;
  readonly createdAt: string;
  /** `created` until its process runs; `unknown` when the kubelet was killed in between. */
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  readonly pid: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
}

/** The pod's sandbox: its network namespace and the pause process that holds the others. */
export interface SandboxRecord {
  readonly id: string;
  readonly attempt: number;
  readonly createdAt: string;
  /** Path of the network namespace; empty for hostNetwork. */
  readonly netns: string;
  readonly ip: string;
  readonly pid: number;
  /** False while it is being made, and after its pause process has ended. */
  readonly ready: boolean;
}

/** Everything about a pod on this node. Containers: newest attempt of each name first. */
export interface PodRecord {
  readonly pod: Pod;
  readonly startTime: string;
  readonly sandbox: SandboxRecord | undefined;
  readonly containers: readonly ContainerRecord[];
}

/** @returns the newest record of that container. */
export function latest(record: PodRecord, name: string): ContainerRecord | undefined {
  return record.containers.find((container) => container.name === name);
}

/** @returns the record before the newest one: the API's lastState. */
export function previous(record: PodRecord, name: string): ContainerRecord | undefined {
  return record.containers.filter((container) => container.name === name)[1];
}

/**
 * Puts a record in, newest first, and keeps two attempts of each container: the one that counts and its
 * predecessor (the kubelet's MaxPerPodContainer of 1).
 */
export function withContainer(record: PodRecord, container: ContainerRecord): PodRecord {
  const others = record.containers.filter((entry) => entry.id !== container.id);
  const same = [container, ...others.filter((entry) => entry.name === container.name)]
    .sort((a, b) => b.attempt - a.attempt)
    .slice(0, 2);
  return { ...record, containers: [...same, ...others.filter((entry) => entry.name !== container.name)] };
}
