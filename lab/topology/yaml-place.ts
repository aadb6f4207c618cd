import { type Document, isAlias, isMap, isNode, isScalar, type Range } from 'yaml';
import type { Path } from './fault.ts';

/** Offsets of the key and the value at a path, through aliases and merges; the nearest parent when it is not there. */
export function rangesOf(
  root: unknown,
  doc: Document,
  path: Path,
): { key?: Range; value?: Range; exact: boolean } {
  let node: unknown = root;
  let key: Range | undefined;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(doc);
    const found = child(node, step, doc);
    if (!found) return { ...ranges(key, node), exact: false };
    key = found.key;
    node = found.value;
  }
  return { ...ranges(key, node), exact: true };
}

function ranges(key: Range | undefined, node: unknown): { key?: Range; value?: Range } {
  const value = isNode(node) ? node.range : undefined;
  return { ...(key ? { key } : {}), ...(value ? { value } : {}) };
}

function child(
  node: unknown,
  step: string | number,
  doc: Document,
): { key?: Range; value: unknown } | undefined {
  if (typeof step === 'number') {
    const items: unknown[] =
      typeof node === 'object' && node !== null && 'items' in node ? (node.items as unknown[]) : [];
    return step < items.length ? { value: items[step] } : undefined;
  }
  if (!isMap(node)) return undefined;
  let merged: { key?: Range; value: unknown } | undefined;
  // The last of two equal keys is the one whose value counts.
  for (const pair of node.items.toReversed()) {
    const key = isScalar(pair.key) ? pair.key : undefined;
    if (key && String(key.value) === step)
      return { ...(key.range ? { key: key.range } : {}), value: pair.value };
    if (key && typeof key.value === 'symbol') merged ??= mergedChild(pair.value, step, doc);
  }
  return merged;
}

function mergedChild(
  value: unknown,
  step: string,
  doc: Document,
): { key?: Range; value: unknown } | undefined {
  const source = isAlias(value) ? value.resolve(doc) : value;
  const sources: unknown[] = isMap(source)
    ? [source]
    : typeof source === 'object' && source !== null && 'items' in source
      ? (source.items as unknown[])
      : [];
  for (const item of sources) {
    const found = child(isAlias(item) ? item.resolve(doc) : item, step, doc);
    if (found) return found;
  }
  return undefined;
}
