import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';
import type { Engine } from './connect.ts';
import { asking, isNotFound } from './errors.ts';

export interface FileSpec {
  /** Absolute in a container; relative to the context in an image build. */
  readonly path: string;
  readonly content: string | Uint8Array;
  /** 0o644 by default. */
  readonly mode?: number;
}

/**
 * Files as a tar archive, sorted and without times, so that equal files give equal bytes.
 * Parent folders are not entries: the engine makes those that are missing and leaves the others as they are.
 */
export async function tarOf(files: readonly FileSpec[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { path, content, mode } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const name = path.replace(/^\/+/, '');
    if (name.endsWith('/')) pack.entry({ name, type: 'directory', mode: mode ?? 0o755, mtime: new Date(0) });
    else pack.entry({ name, mode: mode ?? 0o644, mtime: new Date(0) }, Buffer.from(content));
  }
  pack.finalize();
  return buffer(pack);
}

/** Puts files into a container, running or not. Does not reach tmpfs mounts; not atomic (see writeFile in exec.ts). */
export async function putFiles(engine: Engine, container: string, files: readonly FileSpec[]): Promise<void> {
  await putTar(engine, container, '/', await tarOf(files));
}

/** Unpacks a tar archive at a folder of a container, running or not. */
export async function putTar(
  engine: Engine,
  container: string,
  folder: string,
  archive: Buffer | Readable,
): Promise<void> {
  await asking(
    `files cannot be put into container ${container}`,
    ['docker', 'cp', '-', `${container}:${folder}`],
    () => engine.docker.getContainer(container).putArchive(archive as Buffer, { path: folder }),
  );
}

/** Regular files below a path of a container, running or not; undefined when the path is not there. */
export async function getFiles(
  engine: Engine,
  container: string,
  path: string,
): Promise<Map<string, Buffer> | undefined> {
  let stream: NodeJS.ReadableStream;
  try {
    stream = await engine.docker.getContainer(container).getArchive({ path });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  const files = new Map<string, Buffer>();
  const extract = tar.extract();
  stream.on('error', (error) => extract.destroy(error));
  stream.pipe(extract as unknown as NodeJS.WritableStream);
  for await (const entry of extract) {
    // Names in the archive start with the last part of the path asked for.
    if (entry.header.type === 'file')
      files.set(posix.join(posix.dirname(path), entry.header.name), await buffer(entry));
    else entry.resume();
  }
  return files;
}
