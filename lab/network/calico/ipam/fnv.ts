const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * FNV-1, 32 bits (multiply, then xor; not FNV-1a), as Go's `hash/fnv.New32`.
 * http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function fnv1(text: string): number {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(text)) hash = (Math.imul(hash, PRIME) ^ byte) >>> 0;
  return hash;
}
