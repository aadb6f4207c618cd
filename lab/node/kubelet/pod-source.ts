import type { Pod } from '../runtime/index.ts';

/** What is to run on this node. */
export interface WantedPods {
  readonly pods: readonly Pod[];
  /** Whether `pods` holds those of the API server too; false until it has been heard for the first time. */
  readonly apiKnown: boolean;
}

/** Where the wanted pods come from: files, and the API server where the node has one. */
export interface PodSource {
  /**
   * Starts to deliver. `listener` gets the full set of wanted pods, first as soon as it is known and then on every
   * change; a pod that is missing from the set is to be removed.
   */
  start(listener: (pods: readonly Pod[]) => void): Promise<void>;
  close(): void;
}
