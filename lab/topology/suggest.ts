/**
 * Number of edits (insert, delete, replace, swap of neighbours) from one text to the other: the optimal
 * string alignment distance, because a swapped pair is the commonest slip of the fingers.
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replace, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/**
 * The candidate a mistyped word was probably meant to be. Case and separators do not count (`pod_cidr` is
 * podCIDR); beyond that a third of the letters may differ.
 *
 * @returns undefined when nothing is near enough to be worth saying
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[-_. ]/g, '');
  const typed = plain(word).slice(0, 100);
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const wanted = plain(candidate);
    const prefix = typed.length >= 3 && (wanted.startsWith(typed) || typed.startsWith(wanted));
    const distance = prefix ? 1 : editDistance(typed, wanted);
    if (distance > Math.max(1, Math.floor(Math.max(wanted.length, typed.length) / 3))) continue;
    if (!best || distance < best.distance) best = { candidate, distance };
  }
  return best?.candidate;
}

/** `did you mean X?` or, when nothing is near, the whole choice: `one of a, b, c`. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const all = [...candidates];
  const near = closest(word, all);
  if (near !== undefined) return `did you mean ${near}?`;
  if (all.length === 1) return String(all[0]);
  return `one of ${all.join(', ')}`;
}
