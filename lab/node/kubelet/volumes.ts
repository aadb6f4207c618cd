import { chmod, mkdir, open, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  bind,
  type Container,
  ContainerConfigError,
  isMountPoint,
  type OciMount,
  type Pod,
  run,
  type Volume,
} from '../runtime/index.ts';

/** Sources that need objects of the API server. */
const API_SOURCES = ['configMap', 'secret', 'projected', 'downwardAPI', 'persistentVolumeClaim'];

/** `1Gi`, `64M`, `1000` in bytes. @returns undefined for anything else. */
export function parseQuantity(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(text);
  if (match === null) return undefined;
  const factor =
    { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, k: 1e3, M: 1e6, G: 1e9, T: 1e12 }[match[2] ?? ''] ??
    1;
  return Math.floor(Number(match[1]) * factor);
}

/** Checks a hostPath against its `type` with the real kubelet's words (pkg/volume/hostpath). */
async function prepareHostPath(path: string, type: string): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  const fail = (what: string) =>
    new ContainerConfigError(`hostPath type check failed: ${path} is not a ${what}`);
  switch (type) {
    case '':
      // Docker made missing directories; without a type so does the lab.
      if (info === undefined) await mkdir(path, { recursive: true });
      return path;
    case 'DirectoryOrCreate':
      if (info === undefined) await mkdir(path, { recursive: true, mode: 0o755 });
      else if (!info.isDirectory()) throw fail('directory');
      return path;
    case 'FileOrCreate':
      if (info === undefined) await (await open(path, 'a', 0o644)).close();
      else if (!info.isFile()) throw fail('file');
      return path;
    case 'Directory':
      if (!info?.isDirectory()) throw fail('directory');
      return path;
    case 'File':
      if (!info?.isFile()) throw fail('file');
      return path;
    case 'Socket':
      if (!info?.isSocket()) throw fail('socket file');
      return path;
    case 'CharDevice':
      if (!info?.isCharacterDevice()) throw fail('character device');
      return path;
    case 'BlockDevice':
      if (!info?.isBlockDevice()) throw fail('block device');
      return path;
    default:
      throw new ContainerConfigError(`hostPath type "${type}" is unknown`);
  }
}

async function prepareEmptyDir(volume: Volume, directory: string): Promise<string> {
  const isNew = (await mkdir(directory, { recursive: true })) !== undefined;
  // After a restart of the node the directory is there but its tmpfs is not.
  if (volume.emptyDir?.medium === 'Memory') {
    if (isMountPoint(directory)) return directory;
    const size = parseQuantity(volume.emptyDir.sizeLimit ?? '');
    await run('mount', [
      '-t',
      'tmpfs',
      '-o',
      `mode=1777${size === undefined ? '' : `,size=${size}`}`,
      'tmpfs',
      directory,
    ]);
  } else if (isNew) {
    await chmod(directory, 0o777);
  }
  return directory;
}

/**
 * Makes the pod's volumes. @param podDirectory the pod's own directory, where emptyDirs live
 * @returns the path on the node by volume name. @throws ContainerConfigError for a kind that is not served
 */
export async function prepareVolumes(pod: Pod, podDirectory: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.hostPath !== undefined) {
      paths.set(volume.name, await prepareHostPath(volume.hostPath.path, volume.hostPath.type ?? ''));
      continue;
    }
    const other = Object.keys(volume).find((key) => key !== 'name' && key !== 'emptyDir');
    if (other !== undefined) {
      const why = API_SOURCES.includes(other) ? 'needs the API server' : 'is not served by this kubelet';
      throw new ContainerConfigError(`volume "${volume.name}": ${other} ${why}`);
    }
    paths.set(
      volume.name,
      await prepareEmptyDir(volume, join(podDirectory, 'volumes', 'kubernetes.io~empty-dir', volume.name)),
    );
  }
  return paths;
}

/** A subPath must stay within its volume, also through symbolic links (CVE-2017-1002101). */
async function resolveSubPath(volume: string, subPath: string): Promise<string> {
  const path = resolve(volume, subPath);
  if (path !== volume && !path.startsWith(`${volume}/`)) {
    throw new ContainerConfigError(`subPath "${subPath}" leads out of its volume`);
  }
  if ((await stat(path).catch(() => undefined)) === undefined) {
    let parent = dirname(path);
    while ((await stat(parent).catch(() => undefined)) === undefined) parent = dirname(parent);
    await assertWithin(volume, parent, subPath);
    await mkdir(path, { recursive: true });
  }
  return assertWithin(volume, path, subPath);
}

async function assertWithin(volume: string, path: string, subPath: string): Promise<string> {
  const [base, real] = await Promise.all([realpath(volume), realpath(path)]);
  if (real !== base && !real.startsWith(`${base}/`)) {
    throw new ContainerConfigError(`subPath "${subPath}" leads out of its volume`);
  }
  return real;
}

/** @returns the container's volumeMounts as bind mounts. @throws ContainerConfigError */
export async function volumeMounts(
  container: Container,
  volumes: ReadonlyMap<string, string>,
): Promise<OciMount[]> {
  const mounts: OciMount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = volumes.get(mount.name);
    if (volume === undefined)
      throw new ContainerConfigError(`volumeMount "${mount.name}" names no volume of the pod`);
    const source = mount.subPath ? await resolveSubPath(volume, mount.subPath) : volume;
    mounts.push(
      bind(source, mount.mountPath, {
        readOnly: mount.readOnly ?? false,
        propagation: mount.mountPropagation,
      }),
    );
  }
  // A mount below another one has to come after it.
  return mounts.sort((a, b) => a.destination.split('/').length - b.destination.split('/').length);
}
