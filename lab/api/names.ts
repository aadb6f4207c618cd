/** No vowels and no look-alikes (0, 1, 3), so that no words come about: apimachinery's util/rand. */
const ALPHANUMS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
/** Names of 63 bytes less the suffix. */
const MAX_BASE_LENGTH = 63 - SUFFIX_LENGTH;

/** Random characters as in the names of pods. */
export function randomSuffix(length = SUFFIX_LENGTH, random: () => number = Math.random): string {
  return Array.from({ length }, () => ALPHANUMS[Math.floor(random() * ALPHANUMS.length)]).join('');
}

/** The name that a server makes of `metadata.generateName`. */
export function generateName(base: string, random: () => number = Math.random): string {
  return base.slice(0, MAX_BASE_LENGTH) + randomSuffix(SUFFIX_LENGTH, random);
}

/** Puts each character into the alphabet of random names: apimachinery's `rand.SafeEncodeString`. */
export function safeEncode(text: string): string {
  return [...text].map((char) => ALPHANUMS[char.charCodeAt(0) % ALPHANUMS.length]).join('');
}
