import type { Pod } from '../runtime/index.ts';

/**
 * Where the wanted pods come from. Now files; with the API server a second source watches the pods of this node.
 */
export interface PodSource {
  /**
   * Starts to deliver. `listener` gets the full set of wanted pods, first as soon as it is known and then on every
   * change; a pod that is missing from the set is to be removed.
   */
  start(listener: (pods: readonly Pod[]) => void): Promise<void>;
  close(): void;
}
