import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Tells when a file may have changed. Its folder is watched, since a ConfigMap's files are symbolic links whose target
 * is replaced (`..data`), and looked at every so often as well: not every file system tells of changes.
 *
 * @returns a function that ends it
 */
export function watchFile(path: string, intervalMs: number, onChange: () => void): () => void {
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(path), onChange);
    watcher.on('error', () => watcher?.close());
  } catch {
    // No such folder yet, or no watches left: the interval remains.
  }
  const timer = setInterval(onChange, intervalMs);
  return () => {
    watcher?.close();
    clearInterval(timer);
  };
}
