import { parse } from 'yaml';

/** Names under which kustomize finds a kustomization in a directory. */
export const KUSTOMIZATION_FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/**
 * What a kustomization names that may lie outside its own directory: kustomize allows that to other kustomizations
 * and not to files (its LoadRestrictionsRootOnly).
 *
 * @param text a kustomization file
 * @returns paths relative to the file's directory, files among them; nothing when the file is no YAML
 */
export function basesOf(text: string): string[] {
  let content: unknown;
  try {
    content = parse(text);
  } catch {
    return []; // kustomize says it better
  }
  const fields = (content ?? {}) as Readonly<Record<string, unknown>>;
  return ['resources', 'bases', 'components'].flatMap((name) => {
    const list = fields[name];
    return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : [];
  });
}
