import { type Claim, isRewritten, needsRegex } from './claims.ts';
import type { Location, Problem } from './types.ts';

export type Canary = NonNullable<Location['canary']>;

/** `/foo/` and `/foo` are the same prefix (Kubernetes compares path elements). */
const trimmed = (path: string): string => path.replace(/\/+$/, '') || '/';

/**
 * What one claim comes to. A prefix becomes two locations, because nginx compares text: `/foo/` for what is below, and `= /foo` for
 * the element itself. In a host with regular expressions every location is one, case-insensitive and bound at its start only, as
 * ingress-nginx documents; the paths are then read as expressions.
 */
function locationsOf(claim: Claim, isRegex: boolean): Pick<Location, 'modifier' | 'path'>[] {
  const { path, pathType, settings } = claim;
  const isWhole = settings.useRegex || isRewritten(settings, path) || path === '/';
  if (pathType === 'Prefix' && !isWhole) {
    const base = trimmed(path);
    if (base === '/') return [{ modifier: isRegex ? '~*' : '', path: '/' }];
    return [
      { modifier: isRegex ? '~*' : '', path: `${base}/` },
      { modifier: isRegex ? '~*' : '=', path: base },
    ];
  }
  if (isRegex) return [{ modifier: '~*', path }];
  return [{ modifier: pathType === 'Exact' ? '=' : '', path }];
}

/**
 * The locations of one host, in the order of nginx.conf: descending as text, then longest first, which is the order in which nginx
 * tries regular expressions. Of two claims to the same location the first in `claims` (the older Ingress') keeps it.
 *
 * @param root what serves `/` when no claim does
 */
export function hostLocations(
  claims: readonly Claim[],
  root: Omit<Location, 'modifier' | 'path' | 'ingressPath' | 'auth'>,
  canaryOf: (claim: Claim) => Canary | undefined,
  report: (problem: Problem) => void,
): Omit<Location, 'auth'>[] {
  const isRegex = claims.some(needsRegex);
  const taken = new Map<string, Claim>();
  const asked = new Map<string, Claim>();
  const found: Omit<Location, 'auth'>[] = [];
  const add = (claim: Claim, place: Pick<Location, 'modifier' | 'path'>) => {
    const { ingress, backend, settings, path: ingressPath } = claim;
    taken.set(`${place.modifier} ${place.path}`, claim);
    found.push({ ...place, ingressPath, ingress, backend, settings, canary: canaryOf(claim) });
  };
  const derived: [Claim, Pick<Location, 'modifier' | 'path'>][] = [];
  for (const claim of claims) {
    const [main, second] = locationsOf(claim, isRegex);
    if (!main) continue;
    // What was asked for is compared first: with a rewrite the same path comes to another location.
    const holder = asked.get(askedFor(claim)) ?? taken.get(`${main.modifier} ${main.path}`);
    if (holder) {
      report(conflict(claim, holder));
      continue;
    }
    asked.set(askedFor(claim), claim);
    add(claim, main);
    if (second) derived.push([claim, second]);
  }
  // An Exact path that somebody asked for goes before the one that a prefix needs besides.
  for (const [claim, place] of derived) if (!taken.has(`${place.modifier} ${place.path}`)) add(claim, place);
  const modifier = isRegex ? '~*' : '';
  if (!taken.has(`${modifier} /`)) found.push({ ...root, modifier, path: '/', ingressPath: '/' });
  return found.sort(inOrder);
}

/** Path and path type, by which two claims are the same one. */
const askedFor = ({ path, pathType }: Claim): string =>
  `${pathType} ${pathType === 'Prefix' ? trimmed(path) : path}`;

function inOrder(a: Pick<Location, 'path' | 'modifier'>, b: typeof a): number {
  if (a.path.length !== b.path.length) return b.path.length - a.path.length;
  if (a.path !== b.path) return a.path > b.path ? -1 : 1;
  return a.modifier > b.modifier ? -1 : 1;
}

function conflict(loser: Claim, holder: Claim): Problem {
  const { host, path, backend } = loser;
  const { namespace, name } = holder.ingress.metadata;
  const place = `${host === '_' ? '*' : host}${path}`;
  const message =
    `path ${JSON.stringify(place)} is already served by Ingress ${namespace}/${name} with service ` +
    `${holder.backend.service}:${holder.backend.port}; service ${backend.service}:${backend.port} is not reached by it`;
  return { ingress: loser.ingress, reason: 'PathConflict', message };
}
