import { type FSWatcher, mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';

/**
 * Watches the objects of one kind of the file datastore. An object comes and goes in the kind's own directory, but
 * changes by a rename inside its own, which says nothing one level up; so each object's directory is watched as well.
 *
 * @param dir `<root>/objects/<kind>`; made when it is not there
 * @param onChange called after every change, sometimes more than once for one
 * @returns a function that ends the watch
 */
export function watchObjects(dir: string, onChange: () => void): () => void {
  mkdirSync(dir, { recursive: true });
  const objects = new Map<string, FSWatcher>();
  const follow = (name: string) => {
    // Always a new one: an object that was deleted and created again has another directory under the same name.
    objects.get(name)?.close();
    objects.delete(name);
    try {
      objects.set(name, watch(join(dir, name), onChange));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  };
  const kind = watch(dir, (_event, name) => {
    if (name !== null) follow(name);
    // After the watch is set, so that what changed before it is seen by whoever reads now.
    onChange();
  });
  readdirSync(dir).forEach(follow);
  return () => {
    kind.close();
    for (const watcher of objects.values()) watcher.close();
  };
}
