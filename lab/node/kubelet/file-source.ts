import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Pod, podFullName } from '../runtime/index.ts';
import { log } from './log.ts';
import type { PodSource } from './pod-source.ts';

/** The files of a directory that are manifests; hidden ones are not, so a writer may use `.name` and rename. */
export function manifestNames(names: readonly string[]): string[] {
  return names.filter((name) => /\.(ya?ml|json)$/.test(name) && !name.startsWith('.')).sort();
}

/** Static pods: watches a directory of manifests. A file with mistakes is reported and left out, alone. */
export function fileSource(directory: string): PodSource {
  let watcher: FSWatcher | undefined;
  let reading: Promise<void> | undefined;
  let again = false;
  const reported = new Map<string, string>();

  async function read(): Promise<Pod[]> {
    const pods = new Map<string, Pod>();
    const names = manifestNames(await readdir(directory));
    for (const name of reported.keys()) if (!names.includes(name)) reported.delete(name);
    if (names.length === 0) return [];
    // Only where there is a manifest: the parser's code is a tenth of this program's memory, and workers have none.
    const { formatManifestError, parseManifest } = await import('./manifest.ts');
    for (const name of names) {
      const path = join(directory, name);
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      const result = parseManifest(path, text);
      const problems = result.errors.map(formatManifestError);
      for (const pod of result.pods) {
        const fullName = podFullName(pod);
        if (pods.has(fullName))
          problems.push(`${path}:1:1: pod ${fullName} is already defined by another manifest`);
        else pods.set(fullName, pod);
      }
      // Each mistake once, not at every event of the directory.
      const all = problems.join('\n');
      if (all !== (reported.get(name) ?? '')) {
        for (const problem of problems) log.error('Manifest is not valid', { err: problem });
      }
      reported.set(name, all);
    }
    return [...pods.values()];
  }

  return {
    async start(listener) {
      mkdirSync(directory, { recursive: true });
      const refresh = (): Promise<void> => {
        if (reading !== undefined) {
          again = true;
          return reading;
        }
        reading = (async () => {
          do {
            again = false;
            listener(await read());
          } while (again);
        })()
          .catch((error: unknown) =>
            log.error('Manifest directory cannot be read', { directory, err: error }),
          )
          .finally(() => {
            reading = undefined;
          });
        return reading;
      };
      // Watched before it is read, so that nothing falls between.
      watcher = watch(directory, () => void refresh());
      watcher.on('error', (error) =>
        log.error('Manifest directory cannot be watched', { directory, err: error }),
      );
      await refresh();
    },
    close() {
      watcher?.close();
    },
  };
}
