import {
  type AnnotationContext,
  type ParsedAnnotations,
  parseAnnotations,
  type Settings,
} from '../annotations/index.ts';
import { type Ingress, type IngressClass, keyOfIngress, type Secret } from '../objects.ts';
import { certificateFor } from './certificates.ts';
import { ANY_HOST, asArray, backendOf, type Claim, claimsOf, isName } from './claims.ts';
import { byAge, type ClassOptions, isOurs } from './classes.ts';
import { type Canary, hostLocations } from './locations.ts';
import { authOf } from './passwords.ts';
import type { BackendRef, Certificate, Location, Model, Problem, Server } from './types.ts';

/** The objects that nginx.conf depends on. */
export interface Objects {
  readonly ingresses: readonly Ingress[];
  readonly classes: readonly IngressClass[];
  /** By `namespace/name`. */
  secret(key: string): Secret | undefined;
}

export interface ModelOptions extends ClassOptions, AnnotationContext {
  readonly defaults: Settings;
  /** Whose 404 answers what nobody serves; without one nginx does it itself. */
  readonly defaultBackend: { readonly namespace: string; readonly name: string } | undefined;
}

/** As ingress-nginx names it in `$proxy_upstream_name`. */
export const DEFAULT_BACKEND_ID = 'upstream-default-backend';

/** Annotations of an object, read once: objects of the informers do not change. */
const known = new WeakMap<Ingress, { readonly options: ModelOptions; readonly parsed: ParsedAnnotations }>();

function annotationsOf(ingress: Ingress, options: ModelOptions): ParsedAnnotations {
  const found = known.get(ingress);
  if (found?.options === options) return found.parsed;
  const parsed = parseAnnotations(ingress.metadata.annotations ?? {}, options.defaults, options);
  known.set(ingress, { options, parsed });
  return parsed;
}

/** All that the objects want of nginx. Pure; malformed objects lose what is malformed, and it is reported. */
export function buildModel(objects: Objects, options: ModelOptions): Model {
  const problems: Problem[] = [];
  const report = (problem: Problem) => problems.push(problem);
  const ingresses = objects.ingresses
    .filter((ingress) => isOurs(ingress, objects.classes, options))
    .sort(byAge);

  const hosts = new Map<string, Host>([[ANY_HOST, new Host()]]);
  const canaries = new Map<string, Claim>();
  const hostAt = (name: string): Host => {
    const found = hosts.get(name) ?? new Host();
    hosts.set(name, found);
    return found;
  };
  const add = (ingress: Ingress): void => {
    if (!isName(ingress.metadata.namespace) || !isName(ingress.metadata.name)) {
      throw new Error('it has no proper name');
    }
    const { settings, problems: refused } = annotationsOf(ingress, options);
    for (const { reason, message } of refused) report({ ingress, reason, message });
    const claims = claimsOf(ingress, settings, report);
    if (settings.canary.enabled) {
      for (const claim of claims) claimCanary(claim, canaries, report);
      return;
    }
    const names = new Set(claims.map(({ host }) => host));
    for (const claim of claims) hostAt(claim.host).claims.push(claim);
    for (const name of names) hostAt(name).adopt(ingress, settings, name, objects, report);
    takeDefaultBackend(ingress, settings, names, hosts, report);
  };
  for (const ingress of ingresses) {
    try {
      add(ingress);
    } catch (error) {
      // One object that is like no other must not keep the others from being served.
      report({ ingress, reason: 'InvalidIngress', message: `not served: ${(error as Error).message}` });
    }
  }
  for (const claim of canaries.values()) {
    if (hosts.get(claim.host)?.claims.some((main) => placeOf(main) === placeOf(claim))) continue;
    const message = `canary of ${claim.host === ANY_HOST ? '*' : claim.host}${claim.path}: no Ingress serves it`;
    report({ ingress: claim.ingress, reason: 'CanaryWithoutMain', message });
  }

  const backends = new Map<string, BackendRef>();
  const named = new Set<string>();
  const root = defaultLocation(options);
  const canaryOf = (claim: Claim): Canary | undefined => {
    const found = canaries.get(placeOf(claim));
    return found && { backend: found.backend, policy: keyOfIngress(found.ingress), settings: found.settings };
  };
  const servers = [...hosts].sort(byHost).map(([host, one]): Server => {
    const locations = hostLocations(one.claims, { ...root, ...one.root }, canaryOf, report).map(
      (location): Location => ({
        ...location,
        auth: authOf(location.ingress, location.settings, (key) => objects.secret(key), report),
        backend: withOwnId(location.backend, backends),
        canary: location.canary && {
          ...location.canary,
          backend: withOwnId(location.canary.backend, backends),
        },
      }),
    );
    const { certificate, snippet } = one;
    return { host, certificate, snippet, locations, aliases: aliasesOf(one, hosts, named, report) };
  });
  return { servers, backends, problems, ingresses };
}

/** What is gathered for one host. */
class Host {
  readonly claims: Claim[] = [];
  readonly aliases: { readonly name: string; readonly ingress: Ingress }[] = [];
  certificate: Certificate | undefined;
  snippet: Settings['serverSnippet'] = [];
  root: Partial<Pick<Location, 'ingress' | 'backend' | 'settings'>> = {};

  adopt(
    ingress: Ingress,
    settings: Settings,
    name: string,
    objects: Objects,
    report: (problem: Problem) => void,
  ) {
    this.certificate ??= certificateFor(name, ingress, (key) => objects.secret(key), report);
    if (settings.serverSnippet.length > 0) {
      if (this.snippet.length === 0) this.snippet = settings.serverSnippet;
      else {
        const message = `server-snippet has no effect: ${name === ANY_HOST ? '*' : name} has one already`;
        report({ ingress, reason: 'SnippetConflict', message });
      }
    }
    if (name !== ANY_HOST)
      for (const alias of settings.serverAliases) this.aliases.push({ name: alias, ingress });
  }
}

/**
 * Service `b-c` of namespace `a` and service `c` of namespace `a-b` come to the same name; the second gets another one, so that none is
 * sent the other's requests.
 */
function withOwnId(ref: BackendRef, backends: Map<string, BackendRef>): BackendRef {
  const isSame = (other: BackendRef) =>
    other.namespace === ref.namespace && other.service === ref.service && other.port === ref.port;
  const holder = backends.get(ref.id);
  if (holder && isSame(holder)) return holder;
  if (holder) return withOwnId({ ...ref, id: `${ref.id}-${ref.namespace.length}` }, backends);
  backends.set(ref.id, ref);
  return ref;
}

const placeOf = ({ host, path, pathType }: Claim): string => `${host} ${pathType} ${path}`;

/** By name, as nginx.conf of ingress-nginx is; the one for all other hosts comes first, `_` being in ASCII before letters. */
const byHost = ([a]: [string, Host], [b]: [string, Host]): number =>
  a === ANY_HOST ? -1 : b === ANY_HOST ? 1 : a < b ? -1 : 1;

function defaultLocation({ defaultBackend, defaults }: ModelOptions) {
  const { namespace = '', name = '' } = defaultBackend ?? {};
  const backend = { id: DEFAULT_BACKEND_ID, namespace, service: name, port: '80', serviceUpstream: false };
  return { backend, ingress: undefined, settings: defaults, canary: undefined };
}

function claimCanary(claim: Claim, canaries: Map<string, Claim>, report: (problem: Problem) => void): void {
  const place = placeOf(claim);
  const holder = canaries.get(place);
  if (!holder) {
    canaries.set(place, claim);
    return;
  }
  const message = `${claim.path} has a canary already: Ingress ${keyOfIngress(holder.ingress)}`;
  report({ ingress: claim.ingress, reason: 'CanaryConflict', message });
}

/** It answers what no rule of its hosts does; without rules, what nothing else of the cluster does. */
function takeDefaultBackend(
  ingress: Ingress,
  settings: Settings,
  names: ReadonlySet<string>,
  hosts: ReadonlyMap<string, Host>,
  report: (problem: Problem) => void,
): void {
  if (!ingress.spec?.defaultBackend) return;
  try {
    const backend = backendOf(ingress, ingress.spec.defaultBackend, settings);
    const isWhole = asArray(ingress.spec.rules).length === 0;
    for (const name of isWhole ? [ANY_HOST] : names) {
      const host = hosts.get(name);
      if (host && !host.root.backend) host.root = { backend, ingress, settings };
      else if (host) {
        const holder = host.root.ingress ? keyOfIngress(host.root.ingress) : '';
        const place = name === ANY_HOST ? '*' : name;
        const message = `the default backend of ${place} is that of Ingress ${holder}`;
        report({ ingress, reason: 'DefaultBackendConflict', message });
      }
    }
  } catch (error) {
    const message = `the default backend is not served: ${(error as Error).message}`;
    report({ ingress, reason: 'InvalidPath', message });
  }
}

function aliasesOf(
  { aliases }: Host,
  hosts: ReadonlyMap<string, Host>,
  named: Set<string>,
  report: (problem: Problem) => void,
): string[] {
  const kept = new Set<string>();
  for (const { name, ingress } of aliases) {
    if (kept.has(name)) continue;
    if (hosts.has(name) || named.has(name)) {
      report({ ingress, reason: 'AliasConflict', message: `server-alias ${name} is another host's name` });
      continue;
    }
    named.add(name);
    kept.add(name);
  }
  return [...kept].sort();
}
