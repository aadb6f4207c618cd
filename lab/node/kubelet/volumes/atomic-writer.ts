import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { VolumeFiles } from './content.ts';

const DATA = '..data';
const NEW_DATA = '..data_tmp';
let counter = 0;

/** `..2026_11_20_10_53_14.123000001`: how the real kubelet names the directory of one state of a volume. */
function stateName(now: Date): string {
  counter += 1;
  const [date = '', time = ''] = now.toISOString().split('T');
  const seconds = time.slice(0, 8).replaceAll(':', '_');
  return `..${date.replaceAll('-', '_')}_${seconds}.${now.getMilliseconds()}${String(counter % 1e6).padStart(6, '0')}`;
}

async function same(directory: string, files: VolumeFiles): Promise<boolean> {
  const present = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (present === undefined || present.filter((entry) => !entry.isDirectory()).length !== files.size)
    return false;
  for (const [path, file] of files) {
    const at = join(directory, path);
    const [content, info] = await Promise.all([
      readFile(at).catch(() => undefined),
      stat(at).catch(() => undefined),
    ]);
    if (!content?.equals(file.data) || (info && (info.mode & 0o777) !== file.mode)) return false;
  }
  return true;
}

/**
 * Brings a volume to a new state in one step, so that a reader sees all of the old files or all of the new ones: the
 * files are in a directory of their own, `..data` is a link to it, and each name of the volume a link through `..data`.
 * pkg/volume/util/atomic_writer.go.
 * @returns whether anything changed
 */
export async function writeVolume(directory: string, files: VolumeFiles): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: 0o777 });
  const old = await readlink(join(directory, DATA)).catch(() => undefined);
  if (old !== undefined && (await same(join(directory, old), files))) return false;

  const state = stateName(new Date());
  await mkdir(join(directory, state), { mode: 0o755 });
  for (const [path, { data, mode }] of files) {
    const at = join(directory, state, path);
    await mkdir(dirname(at), { recursive: true });
    await writeFile(at, data, { mode: 0o600 });
    // Not the mode of open(2), which the umask would cut.
    await chmod(at, mode);
  }
  await rm(join(directory, NEW_DATA), { force: true });
  await symlink(state, join(directory, NEW_DATA));
  await rename(join(directory, NEW_DATA), join(directory, DATA));

  const names = new Set([...files.keys()].map((path) => path.split('/')[0] as string));
  const present = await readdir(directory);
  for (const name of names) {
    if (!present.includes(name)) await symlink(join(DATA, name), join(directory, name));
  }
  for (const name of present) {
    if (!name.startsWith('..') && !names.has(name)) await unlink(join(directory, name));
  }
  for (const name of present) {
    if (name.startsWith('..') && name !== DATA && name !== state) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
  return true;
}
