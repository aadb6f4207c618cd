import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../../api/client/index.ts';
import type { Pod, Volume } from '../../runtime/index.ts';
import { type DataObjects, dataKey, type ObjectData, type PlacedFacts } from '../env/index.ts';
import { writeVolume } from './atomic-writer.ts';
import { type Claims, claimPath } from './claim.ts';
import { volumeFiles, volumeReferences, volumeTokens } from './content.ts';
import { prepareEmptyDir } from './empty-dir.ts';
import { prepareHostPath } from './host-path.ts';
import { type PodToken, type Tokens, tokenKey } from './tokens.ts';
import { VolumeError } from './volume-error.ts';

/** Where the content of volumes comes from. Undefined parts need an API server that this node does not have. */
export interface VolumeSources {
  readonly objects?: DataObjects;
  readonly claims?: Claims;
  readonly tokens?: Tokens;
  readonly placed: PlacedFacts;
}

export interface PreparedVolumes {
  /** Path on the node by volume name. */
  readonly paths: ReadonlyMap<string, string>;
  /** When they are to be prepared again, milliseconds since 1970; infinite without tokens. */
  readonly refreshAt: number;
  /** What the pod has to live without. */
  readonly problems: readonly string[];
}

interface Prepared {
  readonly path: string;
  readonly refreshAt?: number;
  readonly problems?: readonly string[];
}

/** When volumes that could not be brought up to date are tried again, milliseconds. */
const RETRY = 10_000;
/** The API server has answered, in contrast to one that is away. */
const isRefusal = (error: Error) => error instanceof ApiError || error.cause instanceof ApiError;

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

function fetchTokens(pod: Pod, volume: Volume, tokens: Tokens | undefined): Promise<[string, PodToken][]> {
  return Promise.all(
    volumeTokens(volume).map(async (source): Promise<[string, PodToken]> => {
      if (tokens === undefined) throw new Error('serviceAccountToken needs the API server');
      return [tokenKey(source), await tokens.token(pod, source)];
    }),
  );
}

async function prepareVolume(
  pod: Pod,
  volume: Volume,
  podDirectory: string,
  sources: VolumeSources,
): Promise<Prepared> {
  if (volume.hostPath)
    return { path: await prepareHostPath(volume.hostPath.path, volume.hostPath.type ?? '') };
  if (volume.persistentVolumeClaim) {
    if (sources.claims === undefined) throw new Error('persistentVolumeClaim needs the API server');
    const { claimName } = volume.persistentVolumeClaim;
    const path = await claimPath(sources.claims, pod.metadata.namespace, claimName);
    return { path: await prepareHostPath(path, '') };
  }
  const kind = KINDS.find((name) => isPresent(volume, name));
  const unknown = Object.keys(volume).find((key) => key !== 'name' && !KINDS.includes(key));
  if (unknown !== undefined) throw new Error(`${unknown} is not served by this kubelet`);
  const path = join(podDirectory, 'volumes', PLUGINS[kind ?? 'emptyDir'] as string, volume.name);
  if (kind === undefined || kind === 'emptyDir') return { path: await prepareEmptyDir(volume, path) };
  const fetched = await Promise.all([
    fetchObjects(pod, volume, sources.objects),
    fetchTokens(pod, volume, sources.tokens),
  ]).catch((error: Error) => {
    // Without an API server a container can restart all the same: what the volume showed last is still there.
    if (isRefusal(error) || !existsSync(join(path, '..data'))) throw error;
    return undefined;
  });
  if (fetched === undefined) return { path, refreshAt: Date.now() + RETRY };
  const [objects, tokens] = fetched;
  const files = volumeFiles(volume, {
    pod,
    placed: sources.placed,
    objects,
    tokens: new Map(tokens.map(([key, { token }]) => [key, token])),
  });
  if (files === undefined) throw new Error(`${kind} is not served by this kubelet`);
  await writeVolume(path, files);
  return {
    path,
    refreshAt: Math.min(...tokens.map(([, { refreshAt }]) => refreshAt)),
    problems: tokens.flatMap(([, { problem }]) => problem ?? []),
  };
}

/**
 * Makes the pod's volumes, and brings those that show objects up to date.
 * @param podDirectory the pod's own directory, where emptyDirs live
 * @throws VolumeError for the first that cannot be made
 */
export async function prepareVolumes(
  pod: Pod,
  podDirectory: string,
  sources: VolumeSources,
): Promise<PreparedVolumes> {
  const paths = new Map<string, string>();
  const problems: string[] = [];
  let refreshAt = Number.POSITIVE_INFINITY;
  for (const volume of pod.spec.volumes ?? []) {
    try {
      const prepared = await prepareVolume(pod, volume, podDirectory, sources);
      paths.set(volume.name, prepared.path);
      refreshAt = Math.min(refreshAt, prepared.refreshAt ?? refreshAt);
      for (const problem of prepared.problems ?? []) problems.push(`volume "${volume.name}": ${problem}`);
    } catch (error) {
      throw new VolumeError(volume.name, (error as Error).message);
    }
  }
  return { paths, refreshAt, problems };
}
