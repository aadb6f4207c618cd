import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Service,
  StorageClass,
} from '../../api/objects/index.ts';

/** A node with the pods that are on it or about to be. */
export interface NodeInfo {
  readonly node: Node;
  readonly pods: readonly Pod[];
}

/** What the scheduler decides by: plain data, of one moment. */
export interface ClusterState {
  readonly nodes: readonly NodeInfo[];
  readonly services: readonly Service[];
  claim(namespace: string | undefined, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
}
