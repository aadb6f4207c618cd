import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, posix, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { capture, type Engine, isNotFound, putTar } from '../../engine/index.ts';
import { EXIT, HoplabError } from '../../errors/index.ts';
import type { RewrittenArguments } from './arguments.ts';
import { type HostEntry, hostEntries, pathKind } from './host-files.ts';

/**
 * Mirrors the host's working directory and the files of a command line below a folder of the container.
 *
 * @throws HoplabError E_READ for a file that cannot be read
 */
export async function upload(
  engine: Engine,
  container: string,
  folder: string,
  cwd: string,
  { uploads, downloads }: RewrittenArguments,
): Promise<void> {
  const pack = tar.pack();
  const fill = async () => {
    const directory = (name: string, mode: number) =>
      pack.entry({ name: `${name}/`, type: 'directory', mode });
    // Only root's: keys and secrets may be among the files.
    directory(folder, 0o700);
    directory(folder + cwd, 0o755);
    for (const path of downloads)
      directory(folder + (pathKind(path) === 'directory' ? path : dirname(path)), 0o755);
    for await (const entry of hostEntries(uploads)) await add(pack, folder, entry);
    pack.finalize();
  };
  const filled = fill().catch((error: Error) => {
    pack.destroy(error);
    throw new HoplabError({
      code: 'E_READ',
      message: `a file cannot be given to kubectl: ${error.message}`,
      exitCode: EXIT.usage,
      cause: error,
    });
  });
  // Of two errors the first is the cause: an archive that broke off is not the engine's fault.
  const [read, put] = await Promise.allSettled([
    filled,
    putTar(engine, container, '/', pack as unknown as Readable),
  ]);
  if (read.status === 'rejected') throw read.reason;
  if (put.status === 'rejected') throw put.reason;
}

async function add(pack: tar.Pack, folder: string, { path, stats, target }: HostEntry): Promise<void> {
  const name = folder + path;
  const header = { name, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, mtime: stats.mtime };
  if (target !== undefined) pack.entry({ ...header, type: 'symlink', linkname: target });
  else if (stats.isDirectory()) pack.entry({ ...header, name: `${name}/`, type: 'directory' });
  else if (stats.isFile() && stats.size > 0)
    await pipeline(
      createReadStream(path, { end: stats.size - 1 }),
      pack.entry({ ...header, size: stats.size }),
    );
  else pack.entry({ ...header, mode: 0o600 }, stats.isFile() ? Buffer.alloc(0) : await readFile(path));
}

/**
 * Brings what kubectl wrote below the folder to its path on the host. What it has not written is not there.
 *
 * @param path absolute
 * @throws HoplabError E_WRITE
 */
export async function download(
  engine: Engine,
  container: string,
  folder: string,
  path: string,
): Promise<void> {
  let archive: NodeJS.ReadableStream;
  try {
    archive = await engine.docker.getContainer(container).getArchive({ path: folder + path });
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  const extract = tar.extract();
  archive.on('error', (error) => extract.destroy(error));
  archive.pipe(extract as unknown as NodeJS.WritableStream);
  for await (const entry of extract) {
    // Names in the archive start with the last part of the path asked for.
    const below = posix.normalize(entry.header.name).split('/').slice(1);
    const target = join(path, ...below);
    if (target !== path && !target.startsWith(path.endsWith(sep) ? path : path + sep)) entry.resume();
    else await save(target, entry as unknown as TarEntry).catch((error: Error) => unwritable(target, error));
  }
}

type TarEntry = Readable & { readonly header: tar.Header };

/** As kubectl's own cp: directories and files, with the modes a new file gets; links are not made. */
async function save(target: string, entry: TarEntry): Promise<void> {
  if (entry.header.type === 'directory') await mkdir(target, { recursive: true });
  if (entry.header.type !== 'file') {
    entry.resume();
    return;
  }
  await mkdir(dirname(target), { recursive: true });
  await pipeline(entry, createWriteStream(target));
}

function unwritable(path: string, cause: Error): never {
  throw new HoplabError({
    code: 'E_WRITE',
    message: `${path} cannot be written: ${cause.message}`,
    exitCode: EXIT.usage,
    cause,
  });
}

/** Removes the folder; what remains of it when the container has gone is gone, too. */
export async function removeFolder(engine: Engine, container: string, folder: string): Promise<void> {
  await capture(engine, container, ['rm', '-rf', folder]).catch(() => {});
}
