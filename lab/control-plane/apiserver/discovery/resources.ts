import { createHash } from 'node:crypto';
import type { Registry, ServedKind } from '../../registry/index.ts';
import { REVIEWS } from '../reviews.ts';

/** One resource or subresource as discovery tells it. */
export interface DiscoveredResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

export const ALL_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;

const SUBRESOURCES: Readonly<
  Record<string, Pick<DiscoveredResource, 'verbs'> & Partial<DiscoveredResource>>
> = {
  status: { verbs: ['get', 'patch', 'update'] },
  scale: { verbs: ['get', 'patch', 'update'], group: 'autoscaling', version: 'v1', kind: 'Scale' },
  finalize: { verbs: ['update'] },
  log: { verbs: ['get'] },
  exec: { verbs: ['create', 'get'], kind: 'PodExecOptions' },
  attach: { verbs: ['create', 'get'], kind: 'PodAttachOptions' },
  portforward: { verbs: ['create', 'get'], kind: 'PodPortForwardOptions' },
  eviction: { verbs: ['create'], group: 'policy', version: 'v1', kind: 'Eviction' },
  binding: { verbs: ['create'], kind: 'Binding' },
  token: { verbs: ['create'], group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
};

/** Verbs of a kind, all unless its row in the table says otherwise. */
export function verbsOf(served: ServedKind): readonly string[] {
  if (served.kind.verbs) return [...served.kind.verbs].sort();
  return served.kind.plural === 'namespaces'
    ? ALL_VERBS.filter((verb) => verb !== 'deletecollection')
    : ALL_VERBS;
}

/** Resources and subresources under a group and version, sorted as the real server does. */
export function resourcesIn(
  registry: Registry,
  group: string,
  version: string,
): readonly DiscoveredResource[] {
  const resources: DiscoveredResource[] = [];
  for (const served of registry.inVersion(group, version)) resources.push(...ofKind(served));
  for (const { plural, kind } of REVIEWS.filter(
    (review) => review.group === group && review.version === version,
  ))
    resources.push({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced: false,
      kind,
      verbs: ['create'],
    });
  if (group === '' && resources.some(({ name }) => name === 'pods'))
    resources.push({
      name: 'bindings',
      singularName: 'binding',
      namespaced: true,
      kind: 'Binding',
      verbs: ['create'],
    });
  return resources.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function ofKind(served: ServedKind): readonly DiscoveredResource[] {
  const { kind } = served;
  const { plural, singular, namespaced, shortNames, categories } = kind;
  // An old group has no names of its own for a kind that moved: kubectl would warn that `ing` could mean either.
  const isHome = served.group === kind.group;
  const main: DiscoveredResource = {
    name: plural,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs: verbsOf(served),
    ...(shortNames && shortNames.length > 0 && (isHome || plural === 'events') ? { shortNames } : {}),
    ...(categories && categories.length > 0 && isHome ? { categories } : {}),
    storageVersionHash: storageHash(kind.group, kind.version, kind.kind),
  };
  const subresources = kind.subresources.map((name) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind: kind.kind,
    ...(SUBRESOURCES[name] ?? { verbs: ['get'] }),
  }));
  return [main, ...subresources];
}

/** apiserver's StorageVersionHash: eight bytes of the SHA-256 of the storage version. */
function storageHash(group: string, version: string, kind: string): string {
  return createHash('sha256')
    .update(`${group}/${version}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}

/** Groups but core, in the order of the table, each with its versions, newest (storage version) first. */
export function groupsOf(registry: Registry): ReadonlyMap<string, readonly string[]> {
  const groups = new Map([...registry.groups()].filter(([group]) => group !== ''));
  for (const { group, version } of REVIEWS) {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) groups.set(group, [...versions, version]);
  }
  return groups;
}
