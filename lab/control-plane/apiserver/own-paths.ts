import type { Registry } from '../registry/index.ts';

const OWN = [
  '/api',
  '/api/v1',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
];

/** What `GET /` lists, sorted. */
export function ownPaths(registry: Registry): readonly string[] {
  const groups = [...registry.groups()].flatMap(([group, versions]) =>
    group === '' ? [] : [`/apis/${group}`, ...versions.map((version) => `/apis/${group}/${version}`)],
  );
  return [...OWN, ...groups].sort();
}
