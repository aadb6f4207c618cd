import { isIP } from 'node:net';
import type { Settings } from '../annotations/index.ts';
import { type BackendRef, DEFAULT_BACKEND_ID, type Model } from '../model/index.ts';
import { keyOfIngress } from '../objects.ts';

/*
 * What nginx is told without a reload: a line for each thing, words separated by tabs, texts of Ingress objects percent-encoded.
 *
 *     backend  ID  HOST PORT HOST PORT …
 *     external ID  NAME PORT
 *     sticky   NAMESPACE/INGRESS  COOKIE  ATTRIBUTES
 *     canary   NAMESPACE/INGRESS  WEIGHT  TOTAL  HEADER  VALUE  PATTERN  COOKIE
 */

const row = (...words: readonly (string | number)[]) => `${words.join('\t')}\n`;
const text = (value: string) => (value === '' ? '-' : encodeURIComponent(value));

/** `[fd00::1]:80` as host and port. */
function hostAndPort(endpoint: string): [string, string] {
  const colon = endpoint.lastIndexOf(':');
  return [endpoint.slice(0, colon), endpoint.slice(colon + 1)];
}

/** Of an ExternalName there is one endpoint, whose host is no address. */
const isByName = ([host, , ...others]: readonly string[]): boolean =>
  host !== undefined && others.length === 0 && isIP(host.replace(/^\[(.*)\]$/, '$1')) === 0;

/**
 * Endpoints of all backends, and what chooses among them.
 *
 * @param backends may be more than the model's: workers of the configuration before still need theirs
 * @param fallback what answers for the default backend if it has no endpoints
 */
export function renderDynamic(
  model: Model,
  backends: ReadonlyMap<string, BackendRef>,
  endpoints: (backend: BackendRef) => readonly string[],
  fallback: string,
): string {
  const lines: string[] = [];
  for (const [id, backend] of [...backends].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const found = endpoints(backend);
    const used = found.length === 0 && id === DEFAULT_BACKEND_ID ? [fallback] : found;
    const words = used.flatMap(hostAndPort);
    lines.push(row(isByName(words) ? 'external' : 'backend', id, ...words));
  }
  const policies = new Set<string>();
  const once = (line: string) => {
    if (!policies.has(line)) lines.push(line);
    policies.add(line);
  };
  for (const { locations } of model.servers) {
    for (const { ingress, settings, canary } of locations) {
      if (ingress && settings.sticky.enabled) once(stickyRow(keyOfIngress(ingress), settings));
      if (canary) once(canaryRow(canary.policy, canary.settings));
    }
  }
  return lines.join('');
}

function stickyRow(key: string, { sticky }: Settings): string {
  const { cookie, path, maxAge, expires, domain, sameSite, secure } = sticky;
  const attributes = [
    `Path=${path || '/'}`,
    ...(domain ? [`Domain=${domain}`] : []),
    ...(maxAge || expires ? [`Max-Age=${maxAge || expires}`] : []),
    ...(secure ? ['Secure'] : []),
    'HttpOnly',
    ...(sameSite ? [`SameSite=${sameSite}`] : []),
  ];
  return row('sticky', key, cookie, text(attributes.join('; ')));
}

function canaryRow(key: string, { canary }: Settings): string {
  const { weight, weightTotal, header, headerValue, headerPattern, cookie } = canary;
  return row(
    'canary',
    key,
    weight,
    weightTotal,
    text(header),
    text(headerValue),
    text(headerPattern),
    text(cookie),
  );
}
