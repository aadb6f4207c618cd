import { safeEncode } from './names.ts';

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a, 32 bits, as Go's `hash/fnv.New32a`. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a(text: string): number {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, PRIME) >>> 0;
  return hash;
}

/** JSON with the keys of every object in order and without nulls, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  let fields = '';
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key];
    if (field === undefined || field === null) continue;
    fields += `${fields && ','}${JSON.stringify(key)}:${canonicalJson(field)}`;
  }
  return `{${fields}}`;
}

/**
 * The value of `pod-template-hash` and `controller-revision-hash`. Form and alphabet are the real controllers' (FNV-1a of 32
 * bits in decimal, SafeEncode'd), but not the value: they hash Go's in-memory struct as the library spew prints it, every unset
 * field included, so it changes between Kubernetes versions and says nothing to anybody; we hash canonical JSON.
 * pkg/controller/controller_utils.go ComputeHash.
 *
 * @param collisionCount of the Deployment's status: how often the name was taken by another template
 */
export function templateHash(template: unknown, collisionCount?: number): string {
  const suffix = collisionCount === undefined ? '' : String(collisionCount);
  return safeEncode(String(fnv1a(canonicalJson(template) + suffix)));
}
