import { parseAllDocuments } from 'yaml';

/** The lists of a pod's specification whose entries have an image. */
const CONTAINER_LISTS = ['containers', 'initContainers', 'ephemeralContainers'];

/**
 * Images of all containers in a text of manifests (YAML or JSON), whatever objects they stand in: pods, Deployments,
 * Lists, kinds the lab does not know. Text that is neither has none: what is wrong with it is kubectl's to say.
 */
export function imageNames(text: string): string[] {
  let documents: unknown[];
  try {
    documents = parseAllDocuments(text, { logLevel: 'silent' }).map((document) =>
      document.errors.length > 0 ? null : document.toJS({ maxAliasCount: 1000 }),
    );
  } catch {
    return [];
  }
  // By a list and not by recursion: aliases may lead in circles, and a file may be nested deeper than the stack.
  const found = new Set<string>();
  const seen = new Set<unknown>();
  const rest = documents;
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const [key, child] of Object.entries(value)) {
      rest.push(child);
      if (CONTAINER_LISTS.includes(key) && Array.isArray(child))
        for (const image of imagesOf(child)) found.add(image);
    }
  }
  return [...found];
}

const imagesOf = (containers: readonly unknown[]): string[] =>
  containers.flatMap((container) => {
    const image: unknown = (container as { image?: unknown } | null)?.image;
    return typeof image === 'string' && image !== '' ? [image] : [];
  });
