import { join } from 'node:path';
import type { Pod, Volume } from '../../runtime/index.ts';
import { type DataObjects, dataKey, type ObjectData, type PlacedFacts } from '../env/index.ts';
import { writeVolume } from './atomic-writer.ts';
import { type Claims, claimPath } from './claim.ts';
import { volumeFiles, volumeReferences } from './content.ts';
import { prepareEmptyDir } from './empty-dir.ts';
import { prepareHostPath } from './host-path.ts';
import { VolumeError } from './volume-error.ts';

/** Where the content of volumes comes from. Undefined parts need an API server that this node does not have. */
export interface VolumeSources {
  readonly objects?: DataObjects;
  readonly claims?: Claims;
  readonly placed: PlacedFacts;
  readonly token?: string;
}

/** Directory of a volume below the pod's own, by the name of its plugin. */
const PLUGINS: Readonly<Record<string, string>> = {
  emptyDir: 'kubernetes.io~empty-dir',
  configMap: 'kubernetes.io~configmap',
  secret: 'kubernetes.io~secret',
  downwardAPI: 'kubernetes.io~downward-api',
  projected: 'kubernetes.io~projected',
};
const KINDS = [...Object.keys(PLUGINS), 'hostPath', 'persistentVolumeClaim'];
const isPresent = (volume: Volume, kind: string) => volume[kind] !== undefined && volume[kind] !== null;

async function fetchObjects(
  pod: Pod,
  volume: Volume,
  objects: DataObjects | undefined,
): Promise<Map<string, ObjectData>> {
  const found = new Map<string, ObjectData>();
  for (const { kind, name } of volumeReferences([volume])) {
    if (objects === undefined) {
      throw new Error(`${kind === 'secret' ? 'secret' : 'configMap'} needs the API server`);
    }
    const data = await objects.get(kind, pod.metadata.namespace, name);
    if (data !== undefined) found.set(dataKey(kind, name), data);
  }
  return found;
}

async function prepareVolume(
  pod: Pod,
  volume: Volume,
  podDirectory: string,
  sources: VolumeSources,
): Promise<string> {
  if (volume.hostPath) return prepareHostPath(volume.hostPath.path, volume.hostPath.type ?? '');
  if (volume.persistentVolumeClaim) {
    if (sources.claims === undefined) throw new Error('persistentVolumeClaim needs the API server');
    const path = await claimPath(
      sources.claims,
      pod.metadata.namespace,
      volume.persistentVolumeClaim.claimName,
    );
    return prepareHostPath(path, '');
  }
  const kind = KINDS.find((name) => isPresent(volume, name));
  const unknown = Object.keys(volume).find((key) => key !== 'name' && !KINDS.includes(key));
  if (unknown !== undefined) throw new Error(`${unknown} is not served by this kubelet`);
  const directory = join(podDirectory, 'volumes', PLUGINS[kind ?? 'emptyDir'] as string, volume.name);
  if (kind === undefined || kind === 'emptyDir') return prepareEmptyDir(volume, directory);
  const files = volumeFiles(volume, {
    pod,
    placed: sources.placed,
    objects: await fetchObjects(pod, volume, sources.objects),
    token: sources.token ?? '',
  });
  if (files === undefined) throw new Error(`${kind} is not served by this kubelet`);
  await writeVolume(directory, files);
  return directory;
}

/**
 * Makes the pod's volumes, and brings those that show objects up to date.
 * @param podDirectory the pod's own directory, where emptyDirs live
 * @returns the path on the node by volume name. @throws VolumeError
 */
export async function prepareVolumes(
  pod: Pod,
  podDirectory: string,
  sources: VolumeSources,
): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const volume of pod.spec.volumes ?? []) {
    try {
      paths.set(volume.name, await prepareVolume(pod, volume, podDirectory, sources));
    } catch (error) {
      throw new VolumeError(volume.name, (error as Error).message);
    }
  }
  return paths;
}
