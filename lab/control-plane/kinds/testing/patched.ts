import { jsonPatch } from '../../apiserver/patch/json-patch.ts';
import { mergePatch } from '../../apiserver/patch/merge.ts';
import { strategicMergePatch } from '../../apiserver/patch/strategic.ts';
import type { KubeObject, ServedKind } from '../../registry/index.ts';

/** A patch of any of the three media types, applied to a copy. */
export function patched(old: KubeObject, patch: unknown, type: string, served: ServedKind): unknown {
  const copy = structuredClone(old) as never;
  if (type.includes('json-patch')) return jsonPatch(copy, patch);
  if (type.includes('strategic')) return strategicMergePatch(copy, patch as never, served.schema);
  return mergePatch(copy, patch);
}
