import type { Kind, Schema } from './kind.ts';
import type { GroupName } from './status-error.ts';

/** A kind as it is reached under one group and version: the storage version, or an old one that is converted. */
export interface ServedKind {
  readonly kind: Kind;
  readonly group: string;
  readonly version: string;
  /** `apps/v1`, or `v1` for core. */
  readonly apiVersion: string;
  readonly schema: Schema;
  /** Undefined for the storage version. */
  readonly conversion: NonNullable<Kind['alsoServed']>[number] | undefined;
  /** For messages: plural and group. */
  readonly resource: GroupName;
  /** For messages: kind and group. */
  readonly groupKind: GroupName;
}

/** The key of a kind in the store: `pods`, `deployments.apps`. */
export function resourceKey(kind: Kind): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The table of kinds, indexed by the ways requests name them. */
export class Registry {
  readonly kinds: readonly Kind[];
  readonly served: readonly ServedKind[];
  readonly #byPath = new Map<string, ServedKind>();
  readonly #byKey = new Map<string, Kind>();

  constructor(kinds: readonly Kind[]) {
    this.kinds = kinds;
    const served: ServedKind[] = [];
    for (const kind of kinds) {
      this.#byKey.set(resourceKey(kind), kind);
      served.push(serve(kind, kind.group, kind.version, kind.schema, undefined));
      for (const also of kind.alsoServed ?? [])
        served.push(serve(kind, also.group, also.version, also.schema, also));
    }
    for (const entry of served)
      this.#byPath.set(pathKey(entry.group, entry.version, entry.kind.plural), entry);
    this.served = served;
  }

  /** The kind behind `/apis/GROUP/VERSION/…/PLURAL`. */
  find(group: string, version: string, plural: string): ServedKind | undefined {
    return this.#byPath.get(pathKey(group, version, plural));
  }

  /** The kind with a store key such as `services` or `ingresses.networking.k8s.io`. */
  byResource(resource: string): Kind | undefined {
    return this.#byKey.get(resource);
  }

  /** Groups in order of appearance (core first as ''), each with its versions. */
  groups(): ReadonlyMap<string, readonly string[]> {
    const groups = new Map<string, string[]>();
    for (const { group, version } of this.served) {
      const versions = groups.get(group) ?? [];
      if (!versions.includes(version)) versions.push(version);
      groups.set(group, versions);
    }
    return groups;
  }

  inVersion(group: string, version: string): readonly ServedKind[] {
    return this.served.filter((entry) => entry.group === group && entry.version === version);
  }
}

function serve(
  kind: Kind,
  group: string,
  version: string,
  schema: Schema,
  conversion: ServedKind['conversion'],
): ServedKind {
  return {
    kind,
    group,
    version,
    apiVersion: apiVersionOf(group, version),
    schema,
    conversion,
    resource: { group, name: kind.plural },
    groupKind: { group, name: kind.kind },
  };
}

function pathKey(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}
