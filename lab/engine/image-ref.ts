/**
 * Image references as Docker and containerd read them (distribution/reference, "familiar names").
 */

/** A reference in its shortest form with a tag or digest: `docker.io/library/nginx` and `nginx` are `nginx:latest`. */
export function normaliseRef(ref: string): string {
  const withoutHub = ref
    .replace(/^(?:docker\.io|index\.docker\.io)\//, '')
    .replace(/^library\/(?=[^/]+$)/, '');
  return hasTag(withoutHub) ? withoutHub : `${withoutHub}:latest`;
}

/** A colon after the last slash is a tag; before it, a registry's port. */
function hasTag(ref: string): boolean {
  return ref.includes('@') || ref.slice(ref.lastIndexOf('/') + 1).includes(':');
}

/** Every spelling of a reference that a pod may use for it, the given one among them. */
export function refSpellings(ref: string): string[] {
  const short = normaliseRef(ref);
  const spellings = new Set([ref, short]);
  if (short.endsWith(':latest')) spellings.add(short.slice(0, -':latest'.length));
  const first = short.split('/')[0] ?? '';
  // The first part names a registry only if it looks like a host.
  const hasRegistry = short.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  if (!hasRegistry) spellings.add(short.includes('/') ? `docker.io/${short}` : `docker.io/library/${short}`);
  return [...spellings];
}

/** Names that resemble a wanted one, best first: for "no such image, did you mean …". At most `count`. */
export function similarNames(wanted: string, names: readonly string[], count = 3): string[] {
  const target = normaliseRef(wanted).toLowerCase();
  const bare = (ref: string) => (ref.split('/').pop() ?? ref).split(':')[0] ?? ref;
  return names
    .map((name) => {
      const candidate = normaliseRef(name).toLowerCase();
      const distance = Math.min(
        editDistance(target, candidate),
        editDistance(bare(target), bare(candidate)) + 1,
      );
      return { name, distance };
    })
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(bare(target).length / 2)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * The image that stands in for a reference: `docker.io/library/redis:6.0.5` is the image `redis`, whatever its tag or
 * digest. An alias with a tag is that tag's only.
 *
 * @param images names of images, with the references that each stands in for beside its own name
 */
export function standIn<Name extends string>(
  ref: string,
  images: ReadonlyMap<Name, readonly string[]>,
): Name | undefined {
  const wanted = normaliseRef(ref);
  const repository = withoutTag(wanted);
  for (const [name, aliases] of images) {
    const tagged = aliases.filter(hasTag).map(normaliseRef);
    const untagged = [name, ...aliases.filter((alias) => !hasTag(alias))];
    if (
      tagged.includes(wanted) ||
      untagged.map((alias) => withoutTag(normaliseRef(alias))).includes(repository)
    )
      return name;
  }
  return undefined;
}

const withoutTag = (ref: string): string => {
  const name = ref.split('@')[0] ?? ref;
  return hasTag(name) ? name.slice(0, name.lastIndexOf(':')) : name;
};
