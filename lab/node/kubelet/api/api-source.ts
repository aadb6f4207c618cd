import type { Informer } from '../../../api/client/index.ts';
import type { Pod } from '../../runtime/index.ts';
import type { PodSource, WantedPods } from '../pod-source.ts';
import { staticPod } from '../static-pod.ts';
import { type ApiPod, isMirror, podFromApi } from './pod-from-api.ts';

/** Pods of a directory, named after the node as those of a cluster are. */
export function staticSource(files: PodSource, nodeName: string): PodSource {
  // A pod keeps the time at which it was first seen: it is part of it.
  const seen = new Map<string, string>();
  return {
    start: (listener) =>
      files.start((pods) => {
        const uids = new Set(pods.map(({ metadata }) => metadata.uid));
        for (const uid of seen.keys()) if (!uids.has(uid)) seen.delete(uid);
        listener(
          pods.map((pod) => {
            const time = seen.get(pod.metadata.uid) ?? new Date().toISOString();
            seen.set(pod.metadata.uid, time);
            return staticPod(pod, nodeName, time);
          }),
        );
      }),
    close: () => files.close(),
  };
}

/**
 * Merges the pods of files with those that the API server has for this node. A pod of a file wins over one of the same
 * name. The API server may come later or go; then what is known of it stays.
 */
export class MergedSource {
  readonly #pods: Informer<ApiPod>;
  readonly #listener: (wanted: WantedPods) => void;
  #statics: readonly Pod[] | undefined;
  #scheduled = false;
  /** An object of the informer never changes: each is made a pod of once. */
  readonly #made = new WeakMap<ApiPod, Pod>();

  constructor(pods: Informer<ApiPod>, listener: (wanted: WantedPods) => void) {
    this.#pods = pods;
    this.#listener = listener;
    const deliver = () => this.#deliver();
    pods.on({ add: deliver, update: deliver, delete: deliver });
    void pods.synced.then(deliver);
  }

  setStatics(pods: readonly Pod[]): void {
    this.#statics = pods;
    this.#deliver();
  }

  /** Changes of one turn of the event loop, such as those of a first list, make one delivery. */
  #deliver(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const statics = this.#statics;
      if (statics === undefined) return;
      const names = new Set(statics.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
      const ofApi = this.#pods
        .list()
        .filter((pod) => !isMirror(pod) && !names.has(`${pod.metadata.namespace}/${pod.metadata.name}`))
        .map((object) => this.#pod(object));
      this.#listener({ pods: [...statics, ...ofApi], apiKnown: this.#pods.isSynced });
    });
  }

  #pod(object: ApiPod): Pod {
    const pod = this.#made.get(object) ?? podFromApi(object);
    this.#made.set(object, pod);
    return pod;
  }
}
