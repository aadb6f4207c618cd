import { apiVersionOf, type Registry } from '../../registry/index.ts';
import { type DiscoveredResource, groupsOf, resourcesIn } from './resources.ts';

/** `/api`. */
export function apiVersions(address: string): unknown {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

/** `/apis`. */
export function apiGroupList(registry: Registry): unknown {
  const groups = [...groupsOf(registry)].map(([name, versions]) => group(name, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** `/apis/GROUP`; undefined when it is not served. */
export function apiGroup(registry: Registry, name: string): unknown {
  const versions = groupsOf(registry).get(name);
  return versions && { kind: 'APIGroup', apiVersion: 'v1', ...group(name, versions) };
}

function group(name: string, versions: readonly string[]): { name: string } & Record<string, unknown> {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** `/api/v1` and `/apis/GROUP/VERSION`; undefined when it is not served. */
export function apiResourceList(registry: Registry, name: string, version: string): unknown {
  const resources = resourcesIn(registry, name, version);
  if (resources.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(name === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(name, version),
    resources,
  };
}

/** Aggregated discovery: `/api` (core) and `/apis` in one answer each. */
export function aggregated(registry: Registry, core: boolean, version: string): unknown {
  const groups = core ? new Map([['', ['v1']]]) : groupsOf(registry);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: [...groups].map(([name, versions]) => ({
      metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
      versions: versions.map((each) => ({
        version: each,
        resources: nested(resourcesIn(registry, name, each)),
        freshness: 'Current',
      })),
    })),
  };
}

function nested(resources: readonly DiscoveredResource[]): readonly unknown[] {
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => {
      const children = resources.filter(({ name }) => name.startsWith(`${resource.name}/`));
      return {
        resource: resource.name,
        responseKind: responseKind(resource),
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singularName,
        verbs: resource.verbs,
        ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
        ...(resource.categories ? { categories: resource.categories } : {}),
        ...(children.length === 0
          ? {}
          : {
              subresources: children.map((child) => ({
                subresource: child.name.slice(resource.name.length + 1),
                responseKind: responseKind(child),
                verbs: child.verbs,
              })),
            }),
      };
    });
}

function responseKind({ group: name = '', version = '', kind }: DiscoveredResource): unknown {
  return { group: name, version, kind };
}
