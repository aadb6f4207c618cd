import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  type Pair,
  visit,
  type YAMLMap,
} from 'yaml';
import { type Fault, show } from './fault.ts';
import { didYouMean } from './suggest.ts';

/** A fault with its offsets; a fatal one leaves nothing to check. */
export type StructureFault = Fault & { from: number; to: number; fatal: boolean };

/**
 * What is well-formed YAML and yet cannot be meant: keys written twice, aliases without anchor or into
 * themselves, merges of something that is no map, custom tags.
 */
export function structureFaults(doc: Document, counter: LineCounter): StructureFault[] {
  const faults: StructureFault[] = [];
  const anchors = new Set<string>();
  visit(doc, {
    Node(_key, node, path) {
      if (isAlias(node)) {
        const fault = aliasFault(node, doc, anchors, path);
        if (fault) faults.push(fault);
      } else if (node.anchor) anchors.add(node.anchor);
      if (isMap(node)) faults.push(...duplicateKeys(node, counter));
    },
    Pair(_key, pair) {
      const fault = keyFault(pair) ?? mergeFault(pair, doc);
      if (fault) faults.push(fault);
      // What is inside a key that cannot be one is not worth a word.
      return isMap(pair.key) || isSeq(pair.key) ? visit.SKIP : undefined;
    },
  });
  for (const warning of doc.warnings) {
    faults.push({
      message: `YAML: ${warning.message}`,
      rule: 'a topology uses plain YAML values, without tags of its own',
      right: 'the value without the tag',
      from: warning.pos[0],
      to: warning.pos[1],
      fatal: false,
    });
  }
  return faults;
}

function aliasFault(
  node: Alias,
  doc: Document,
  anchors: ReadonlySet<string>,
  path: readonly unknown[],
): StructureFault | undefined {
  const place = { from: node.range?.[0] ?? 0, to: node.range?.[1] ?? 0, fatal: true };
  if (!anchors.has(node.source)) {
    return {
      ...place,
      message: `the alias *${node.source} has no anchor`,
      rule: 'an alias refers to an &anchor that stands before it',
      right:
        anchors.size > 0
          ? didYouMean(
              `*${node.source}`,
              [...anchors].map((anchor) => `*${anchor}`),
            )
          : `&${node.source} on the value that is meant`,
    };
  }
  const target = node.resolve(doc);
  if (target === undefined || !path.includes(target)) return undefined;
  return {
    ...place,
    message: `the alias *${node.source} stands inside its own anchor`,
    rule: 'an alias must not contain itself',
    right: 'the value itself, or an alias to something that ends before this line',
  };
}

function keyFault({ key }: Pair): StructureFault | undefined {
  if (!isMap(key) && !isSeq(key)) return undefined;
  const [from = 0, to = 0] = key.range ?? [];
  const message = `${isMap(key) ? 'a map' : 'a list'} stands where a key should be`;
  return {
    message,
    rule: 'a key is a plain word',
    right: 'quotes around it, when it is meant as text',
    from,
    to,
    fatal: true,
  };
}

function mergeFault(pair: Pair, doc: Document): StructureFault | undefined {
  if (!isScalar(pair.key) || typeof pair.key.value !== 'symbol') return undefined;
  const source = isAlias(pair.value) ? pair.value.resolve(doc) : pair.value;
  // An alias without anchor is reported as such.
  if (source === undefined) return undefined;
  const sources = isSeq(source) ? source.items : [source];
  if (sources.every((item) => isMap(isAlias(item) ? item.resolve(doc) : item))) return undefined;
  const value = pair.value as { range?: [number, number, number] | null } | null;
  return {
    message: `<< merges ${show(isScalar(source) ? source.value : 'a list of other things than maps')}`,
    rule: 'a merge key takes a map, an alias of a map, or a list of those',
    right: 'for instance <<: *defaults with `&defaults` on a map',
    from: value?.range?.[0] ?? pair.key.range?.[0] ?? 0,
    to: value?.range?.[1] ?? pair.key.range?.[1] ?? 0,
    fatal: true,
  };
}

function duplicateKeys(map: YAMLMap, counter: LineCounter): StructureFault[] {
  const first = new Map<string, number>();
  return map.items.flatMap((pair) => {
    if (!isPair(pair) || !isScalar(pair.key) || typeof pair.key.value === 'symbol') return [];
    const key = String(pair.key.value);
    const [from = 0, to = 0] = pair.key.range ?? [];
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, from);
      return [];
    }
    return [
      {
        message: `the key ${show(key)} stands twice`,
        rule: 'each key of a map stands once; YAML readers would drop one of them without a word',
        right: `another name, or one of the two removed (the first is on line ${counter.linePos(before).line})`,
        from,
        to,
        fatal: false,
      },
    ];
  });
}
