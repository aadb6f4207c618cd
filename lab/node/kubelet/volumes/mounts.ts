import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { bind, type Container, ContainerConfigError, type OciMount } from '../../runtime/index.ts';

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
