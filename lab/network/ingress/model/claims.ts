import { host as hostName, line, regex, type Settings } from '../annotations/index.ts';
import type { Ingress, IngressBackend, IngressPath, PathType } from '../objects.ts';
import type { BackendRef, Problem } from './types.ts';

/** One path of one rule of an Ingress. */
export interface Claim {
  /** `_` without a host. */
  readonly host: string;
  readonly path: string;
  readonly pathType: PathType;
  readonly ingress: Ingress;
  readonly settings: Settings;
  readonly backend: BackendRef;
}

export const ANY_HOST = '_';
const PATH_TYPES: readonly PathType[] = ['Exact', 'Prefix', 'ImplementationSpecific'];
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Whether a path makes nginx match regular expressions (its whole host then does, ingress-nginx's documentation says). */
export const needsRegex = ({ settings, path }: Pick<Claim, 'settings' | 'path'>): boolean =>
  settings.useRegex || isRewritten(settings, path);

/** A target that is the path itself rewrites nothing. */
export const isRewritten = ({ rewriteTarget }: Settings, path: string): boolean =>
  rewriteTarget !== '' && rewriteTarget !== path;

/** The paths of an Ingress; what makes no sense is left out and reported. */
export function claimsOf(ingress: Ingress, settings: Settings, report: (problem: Problem) => void): Claim[] {
  const claims: Claim[] = [];
  for (const rule of asArray(ingress.spec?.rules)) {
    for (const path of asArray(rule?.http?.paths)) {
      try {
        const claim = { ingress, settings, host: hostOf(rule.host), ...pathOf(path) };
        if (needsRegex(claim)) regex(claim.path);
        claims.push({ ...claim, backend: backendOf(ingress, path.backend, settings) });
      } catch (error) {
        const place = `${rule?.host || '*'}${typeof path?.path === 'string' ? path.path : ''}`;
        const message = `path ${JSON.stringify(place)} is not served: ${(error as Error).message}`;
        report({ ingress, reason: 'InvalidPath', message });
      }
    }
  }
  return claims;
}

/** Of objects and ports: a DNS subdomain (RFC 1123). */
export const isName = (text: unknown): text is string => typeof text === 'string' && NAME.test(text);

/** Objects may come malformed: what should be a list is one or nothing. */
export const asArray = <T>(value: readonly T[] | null | undefined): readonly T[] =>
  Array.isArray(value) ? value : [];

/** @throws Error */
export function hostOf(host: string | undefined): string {
  if (host === undefined || host === '' || host === ANY_HOST) return ANY_HOST;
  if (typeof host !== 'string') throw new Error('the host is not a text');
  const [wildcard, rest] = host.startsWith('*.') ? ['*.', host.slice(2)] : ['', host];
  return wildcard + hostName(rest.toLowerCase());
}

function pathOf({ path, pathType = 'ImplementationSpecific' }: IngressPath): {
  path: string;
  pathType: PathType;
} {
  const type = PATH_TYPES.find((one) => one === pathType);
  if (!type) throw new Error(`there is no path type ${JSON.stringify(pathType)}`);
  if (path === undefined || path === '') return { path: '/', pathType: type };
  if (typeof path !== 'string') throw new Error('the path is not a text');
  if (!path.startsWith('/')) throw new Error('it does not begin with /');
  return { path: line(path), pathType: type };
}

/**
 * The service port that an Ingress leads to, in the Ingress' own namespace.
 *
 * @throws Error if there is none
 */
export function backendOf(
  ingress: Ingress,
  backend: IngressBackend | undefined,
  { serviceUpstream }: Settings,
): BackendRef {
  const { service } = backend ?? {};
  if (!service) throw new Error('its backend is not a service');
  const port = String(service.port?.name || service.port?.number || '');
  const namespace = ingress.metadata.namespace ?? '';
  for (const part of [namespace, service.name, port]) {
    if (!isName(part)) {
      throw new Error(`the backend's ${JSON.stringify(part)} is not a name`);
    }
  }
  const id = `${namespace}-${service.name}-${port}${serviceUpstream ? '-service' : ''}`;
  return { id, namespace, service: service.name, port, serviceUpstream };
}
