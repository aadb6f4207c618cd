import { describe, expect, it } from 'vitest';
import type { Schema } from '../../registry/index.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge.ts';
import { strategicMergePatch } from './strategic.ts';

const item: Schema = { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } };
const schema: Schema = {
  type: 'object',
  properties: {
    merged: { type: 'array', items: item, patchMergeKey: 'name', patchStrategy: 'merge' },
    set: { type: 'array', items: { type: 'string' }, patchStrategy: 'merge' },
    replaced: { type: 'array', items: { type: 'string' } },
  },
};
const names = (value: unknown): unknown => (value as { name: string }[]).map(({ name }) => name);

describe('strategicMergePatch', () => {
  const merged = [
    { name: 'a', value: '1' },
    { name: 'b', value: '2' },
  ];

  it('merges lists by key, new items first, as normalizeElementOrder has it', () => {
    const patched = strategicMergePatch(
      { merged },
      { merged: [{ name: 'c' }, { name: 'b', value: '3' }] },
      schema,
    );
    expect(patched.merged).toEqual([{ name: 'c' }, { name: 'a', value: '1' }, { name: 'b', value: '3' }]);
  });

  it('deletes and replaces by directive', () => {
    expect(
      strategicMergePatch({ merged }, { merged: [{ name: 'a', $patch: 'delete' }] }, schema).merged,
    ).toEqual([merged[1]]);
    const whole = strategicMergePatch({ merged }, { merged: [{ $patch: 'replace' }, { name: 'z' }] }, schema);
    expect(whole.merged).toEqual([{ name: 'z' }]);
    expect(strategicMergePatch({ map: { a: 1 } }, { map: { $patch: 'replace', b: 2 } }, schema)).toEqual({
      map: { b: 2 },
    });
  });

  it('knows $deleteFromPrimitiveList, $setElementOrder and $retainKeys', () => {
    const order = [{ name: 'b' }, { name: 'a' }];
    expect(
      names(strategicMergePatch({ merged }, { '$setElementOrder/merged': order }, schema).merged),
    ).toEqual(['b', 'a']);
    expect(
      strategicMergePatch({ set: ['a', 'b'] }, { '$deleteFromPrimitiveList/set': ['a'] }, schema).set,
    ).toEqual(['b']);
    const kept = strategicMergePatch(
      { s: { type: 'x', old: 1 } },
      { s: { $retainKeys: ['type'], type: 'y' } },
      schema,
    );
    expect(kept).toEqual({ s: { type: 'y' } });
  });

  it('replaces lists without a strategy and refuses unknown directives', () => {
    expect(strategicMergePatch({ replaced: ['a'] }, { replaced: ['b'] }, schema).replaced).toEqual(['b']);
    expect(() => strategicMergePatch({}, { merged: [{ name: 'a', $patch: 'bogus' }] }, schema)).toThrow(
      'unknown patch type: bogus in map: map[$patch:bogus name:a]',
    );
  });
});

describe('jsonPatch and mergePatch', () => {
  it('follow RFC 6902 and RFC 7396, and never touch a prototype', () => {
    const patch = [
      { op: 'test', path: '/a', value: 1 },
      { op: 'move', from: '/a', path: '/c~1d' },
      { op: 'add', path: '/l/-', value: 2 },
    ];
    expect(jsonPatch({ a: 1, l: [1] }, patch)).toEqual({ 'c/d': 1, l: [1, 2] });
    expect(() => jsonPatch({}, [{ op: 'replace', path: '/x', value: 1 }])).toThrow('rejected our request');
    expect(() => jsonPatch({}, [{ op: 'add', path: '/__proto__/x', value: 1 }])).toThrow(
      'rejected our request',
    );
    expect(mergePatch({ a: 1, b: { c: 2 } }, { a: null, b: { d: 3 } })).toEqual({ b: { c: 2, d: 3 } });
    mergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
