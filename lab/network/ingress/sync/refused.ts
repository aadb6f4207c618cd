/**
 * Finds which items make a whole unacceptable, by halving: about log₂(n) questions for each.
 *
 * @param items suspects last: of two that only together are refused, the later is left out
 * @param complaintAbout asks about a part, in the order given; undefined is acceptance
 * @returns those to be left out, each with the complaint that it was found by
 * @throws Error when even nothing is refused, so that no item is to blame
 */
export async function findRefused<T>(
  items: readonly T[],
  complaintAbout: (part: readonly T[]) => Promise<string | undefined>,
): Promise<Map<T, string>> {
  const refused = new Map<T, string>();
  let kept = [...items];
  for (;;) {
    let complaint = await complaintAbout(kept);
    if (complaint === undefined) return refused;
    let good = 0;
    let bad = kept.length;
    if (bad === 0) throw new Error(complaint);
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      const found = await complaintAbout(kept.slice(0, middle));
      if (found === undefined) good = middle;
      else {
        bad = middle;
        complaint = found;
      }
    }
    refused.set(kept[good] as T, complaint);
    kept = kept.filter((_, index) => index !== good);
  }
}
