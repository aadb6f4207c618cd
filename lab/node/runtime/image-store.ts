import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { readOptional } from './files.ts';
import { familiarRef, isNodeImage } from './image-ref.ts';

/** The image's configuration, as Docker's inspect reports it. */
export interface ImageConfig {
  readonly Env?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly User?: string;
}

export interface Image {
  readonly id: string;
  readonly ref: string;
  /** Lower directory of containers' root file systems. */
  readonly rootfs: string;
  readonly config: ImageConfig;
}

/** Reads the store that all nodes share. Images are added (`lab load-image`) while nodes run. */
export interface ImageStore {
  /** @returns the image, or undefined when the store has none of that name (or has not finished it). */
  find(ref: string): Promise<Image | undefined>;
  /** Calls `listener` when a reference appears or changes. @returns a function that ends the watch. */
  onChange(listener: () => void): () => void;
}

const NODE_IMAGE_CONFIG: ImageConfig = {
  Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
};

export function openImageStore(directory: string): ImageStore {
  return {
    async find(ref) {
      if (isNodeImage(ref)) return { id: 'hoplab-node', ref, rootfs: '/', config: NODE_IMAGE_CONFIG };
      const name = familiarRef(ref);
      const entry = await readOptional(join(directory, 'refs', `${encodeURIComponent(name)}.json`));
      if (entry === undefined) return undefined;
      const { id } = JSON.parse(entry) as { id: string };
      const base = join(directory, id);
      const [config, complete] = await Promise.all([
        readOptional(join(base, 'config.json')),
        readOptional(join(base, 'complete')),
      ]);
      if (config === undefined || complete === undefined) return undefined;
      return { id, ref: name, rootfs: join(base, 'rootfs'), config: JSON.parse(config) as ImageConfig };
    },
    onChange(listener) {
      const watchers: FSWatcher[] = [];
      const follow = (path: string, act: () => void): boolean => {
        try {
          watchers.push(watch(path, act).on('error', () => {}));
          return true;
        } catch {
          return false;
        }
      };
      // refs/ itself may come later than the node; without a store only hoplab/node can run, and pods say so.
      let following = follow(join(directory, 'refs'), listener);
      if (!following) {
        follow(directory, () => {
          if (following) return;
          following = follow(join(directory, 'refs'), listener);
          if (following) listener();
        });
      }
      return () => {
        for (const watcher of watchers) watcher.close();
      };
    },
  };
}
