import type { DownwardFile, ObjectVolume, Pod, ProjectedSource, Volume } from '../../runtime/index.ts';
import {
  type DataKind,
  dataKey,
  type ObjectData,
  type PlacedFacts,
  podField,
  resourceField,
} from '../env/index.ts';
import { type TokenSource, tokenKey, tokenSources } from './tokens.ts';

export interface VolumeFile {
  readonly data: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

/** Files of a volume by their path in it. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>;

/** What the content of a volume is made of. */
export interface ContentSources {
  readonly pod: Pod;
  readonly placed: PlacedFacts;
  /** Fetched objects by {@link dataKey}; one that is missing does not exist. */
  readonly objects: ReadonlyMap<string, ObjectData>;
  /** The pod's tokens by {@link tokenKey}. */
  readonly tokens: ReadonlyMap<string, string>;
}

export interface DataReference {
  readonly kind: DataKind;
  readonly name: string;
}

const DEFAULT_MODE = 0o644;

/** @returns the sources of a volume that the kubelet writes, or undefined for a volume of another kind. */
function sourcesOf(volume: Volume): { sources: readonly ProjectedSource[]; defaultMode: number } | undefined {
  const { configMap, secret, downwardAPI, projected } = volume;
  const only = (source: ProjectedSource, mode: number | undefined) => ({
    sources: [source],
    defaultMode: mode ?? DEFAULT_MODE,
  });
  if (configMap) return only({ configMap }, configMap.defaultMode);
  if (secret) {
    const { secretName, ...rest } = secret;
    return only(
      { secret: { ...rest, ...(secretName === undefined ? {} : { name: secretName }) } },
      secret.defaultMode,
    );
  }
  if (downwardAPI) return only({ downwardAPI }, downwardAPI.defaultMode);
  if (projected)
    return { sources: projected.sources ?? [], defaultMode: projected.defaultMode ?? DEFAULT_MODE };
  return undefined;
}

/** @returns the service account tokens that a volume shows. */
export const volumeTokens = (volume: Volume): TokenSource[] => tokenSources(sourcesOf(volume)?.sources ?? []);

/** @returns the objects that a pod's volumes show. */
export function volumeReferences(volumes: readonly Volume[]): DataReference[] {
  const found = new Map<string, DataReference>();
  for (const { configMap, secret } of volumes.flatMap((volume) => sourcesOf(volume)?.sources ?? [])) {
    if (configMap?.name)
      found.set(dataKey('configmap', configMap.name), { kind: 'configmap', name: configMap.name });
    if (secret?.name) found.set(dataKey('secret', secret.name), { kind: 'secret', name: secret.name });
  }
  return [...found.values()];
}

/** The files of one ConfigMap or Secret. pkg/volume/configmap MakePayload, pkg/volume/secret. @throws Error */
function objectFiles(
  kind: DataKind,
  source: ObjectVolume & { readonly name?: string },
  defaultMode: number,
  { pod, objects }: ContentSources,
): Map<string, VolumeFile> {
  const name = source.name ?? '';
  const data = objects.get(dataKey(kind, name));
  const files = new Map<string, VolumeFile>();
  if (data === undefined) {
    if (source.optional) return files;
    throw new Error(`${kind} "${name}" not found`);
  }
  if (source.items === undefined || source.items.length === 0) {
    for (const [key, content] of data) files.set(key, { data: content, mode: defaultMode });
    return files;
  }
  for (const { key, path, mode } of source.items) {
    const content = data.get(key);
    if (content !== undefined) files.set(path, { data: content, mode: mode ?? defaultMode });
    else if (!source.optional) {
      const where =
        kind === 'secret'
          ? `references non-existent secret key`
          : `configmap references non-existent config key`;
      throw new Error(`${where}: ${key} (${pod.metadata.namespace}/${name})`);
    }
  }
  return files;
}

function downwardFile(item: DownwardFile, { pod, placed }: ContentSources): Buffer {
  if (item.fieldRef) return Buffer.from(podField(item.fieldRef.fieldPath, pod, placed));
  if (item.resourceFieldRef) return Buffer.from(resourceField(item.resourceFieldRef, pod, placed));
  throw new Error(`downwardAPI item ${item.path} names no field`);
}

/**
 * The files of a configMap, secret, downwardAPI or projected volume.
 * @returns undefined for a volume of another kind. @throws Error for what is missing and not optional
 */
export function volumeFiles(volume: Volume, context: ContentSources): VolumeFiles | undefined {
  const of = sourcesOf(volume);
  if (of === undefined) return undefined;
  const { sources, defaultMode } = of;
  const files = new Map<string, VolumeFile>();
  for (const { configMap, secret, downwardAPI, serviceAccountToken } of sources) {
    for (const [kind, source] of [
      ['configmap', configMap],
      ['secret', secret],
    ] as const) {
      if (source === undefined) continue;
      for (const [path, file] of objectFiles(kind, source, defaultMode, context)) files.set(path, file);
    }
    for (const item of downwardAPI?.items ?? []) {
      files.set(item.path, { data: downwardFile(item, context), mode: item.mode ?? defaultMode });
    }
    if (serviceAccountToken) {
      const token = context.tokens.get(tokenKey(serviceAccountToken)) ?? '';
      files.set(serviceAccountToken.path, { data: Buffer.from(token), mode: defaultMode });
    }
  }
  for (const path of files.keys()) {
    if (path.startsWith('/') || path.split('/').includes('..')) throw new Error(`invalid path: ${path}`);
  }
  return files;
}
