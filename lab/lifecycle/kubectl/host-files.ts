import { type Stats, statSync } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { PathKind, Upload } from './arguments.ts';
import { basesOf, KUSTOMIZATION_FILES } from './kustomization.ts';

/** A file, directory or link of the host that goes into the container. */
export interface HostEntry {
  readonly path: string;
  readonly stats: Stats;
  /** Where a link points; it goes into the container as a link. */
  readonly target?: string;
}

/** What kubectl reads from a directory (resource.FileExtensions). */
const MANIFEST = /\.(json|ya?ml)$/;

/** What a path of the host is, links followed. A pipe (`-f <(…)`) counts as a file. */
export function pathKind(path: string): PathKind {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return 'directory';
  return stats?.isFile() || stats?.isFIFO() ? 'file' : undefined;
}

/** Everything the uploads stand for, each path once, a directory before what is in it. */
export async function* hostEntries(uploads: readonly Upload[]): AsyncIterable<HostEntry> {
  const seen = new Set<string>();
  const queue = [...uploads];
  for (let upload = queue.shift(); upload; upload = queue.shift()) {
    for await (const entry of walk(upload.path, upload, true)) {
      if (seen.has(entry.path)) continue;
      seen.add(entry.path);
      yield entry;
      if (upload.take === 'kustomization' && KUSTOMIZATION_FILES.includes(basename(entry.path)))
        queue.push(...(await kustomizationsOf(entry.path)));
    }
  }
}

async function* walk(path: string, upload: Upload, top: boolean): AsyncIterable<HostEntry> {
  const entry = await look(path, upload);
  if (!entry) return;
  if (!entry.stats.isDirectory()) {
    const wanted = top || upload.take !== 'manifests' || MANIFEST.test(path);
    if (wanted && !isSpecial(entry.stats, top)) yield entry;
    return;
  }
  const below = upload.take === 'tree' || upload.take === 'kustomization' || upload.recursive === true;
  if (!top && !below) return;
  yield entry;
  for (const name of (await readdir(path)).sort()) yield* walk(join(path, name), upload, false);
}

/** Links stay links where kubectl looks at them as such (`cp`) or may go round in circles; others are followed. */
async function look(path: string, { take }: Upload): Promise<HostEntry | undefined> {
  const own = await lstat(path).catch(() => undefined);
  if (!own?.isSymbolicLink()) return own && { path, stats: own };
  const followed = await stat(path).catch(() => undefined);
  if (take === 'tree' || (take === 'kustomization' && followed?.isDirectory()))
    return { path, stats: own, target: await readlink(path) };
  return followed && { path, stats: followed };
}

/** Sockets and devices; a pipe is read only where it was asked for by name. */
function isSpecial(stats: Stats, top: boolean): boolean {
  return !stats.isFile() && !stats.isSymbolicLink() && !(top && stats.isFIFO());
}

async function kustomizationsOf(file: string): Promise<Upload[]> {
  const paths = basesOf(await readFile(file, 'utf8')).map((name) => resolve(dirname(file), name));
  return paths
    .filter((path) => pathKind(path) === 'directory')
    .map((path) => ({ path, take: 'kustomization' }));
}
