import { describe, expect, it } from 'vitest';
import { jsonLines } from './client/json-lines.ts';
import { setCondition } from './conditions.ts';
import { canonicalJson, fnv1a, templateHash } from './hash.ts';
import { scaledValue } from './intstr.ts';
import { mergePatch } from './merge-patch.ts';
import { generateName, safeEncode } from './names.ts';
import { parseQuantity } from './quantity.ts';
import { formatSelector, matches, parseSelector, SelectorError, selects } from './selectors.ts';
import { untolerated } from './tolerations.ts';

describe('selectors', () => {
  const labels = { app: 'web', tier: 'front', n: '5' };
  const cases: [string, boolean][] = [
    ['', true],
    ['app=web', true],
    ['app==db', false],
    ['app!=db', true],
    ['none!=db', true],
    ['app in (db, web),tier', true],
    ['app notin (web)', false],
    ['!none', true],
    ['!app', false],
    ['n>4', true],
    ['n<5', false],
    ['app=', false],
  ];
  for (const [text, expected] of cases) {
    it(JSON.stringify(text), () => {
      const parsed = parseSelector(text);
      expect(matches(parsed, labels)).toBe(expected);
      expect(parseSelector(formatSelector(parsed))).toEqual(parsed);
    });
  }

  it('refuses what is no selector', () => {
    for (const text of ['a=b,', ',', 'a in b', 'a in (b', '=b', 'a b', 'a=b c', '!']) {
      expect(() => parseSelector(text), text).toThrow(SelectorError);
    }
  });

  it('an absent selector object selects nothing, an empty one everything', () => {
    expect([selects(undefined, labels), selects(null, labels), selects({}, labels)]).toEqual([
      false,
      false,
      true,
    ]);
    const expression = { key: 'app', operator: 'NotIn', values: ['db'] };
    expect(selects({ matchExpressions: [expression] }, undefined)).toBe(true);
  });
});

describe('names and hashes', () => {
  // Values of the published FNV test vectors; http://www.isthe.com/chongo/tech/comp/fnv/
  it('FNV-1a', () => {
    expect([fnv1a(''), fnv1a('a'), fnv1a('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  it('a generated name keeps within 63 characters and uses no vowels', () => {
    expect(generateName('x'.repeat(80))).toHaveLength(63);
    expect(generateName('web-')).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(safeEncode('0123456789')).toBe('456789bcdf');
  });

  it('the template hash does not depend on the order of keys, but on collisions', () => {
    const a = { spec: { x: 1, y: [{ b: 2, a: 1 }] }, none: undefined };
    const b = { spec: { y: [{ a: 1, b: 2 }], x: 1 } };
    expect(canonicalJson(a)).toBe(canonicalJson(b));
    expect(templateHash(a)).toBe(templateHash(b));
    expect(templateHash(a, 1)).not.toBe(templateHash(a));
  });
});

it('counts and percentages', () => {
  const values = (['25%', 3, '0%', '100%'] as const).map((value) => [
    scaledValue(value, 7, true),
    scaledValue(value, 7, false),
  ]);
  expect(values).toEqual([
    [2, 1],
    [3, 3],
    [0, 0],
    [7, 7],
  ]);
  expect(() => scaledValue('a', 1, true)).toThrow('neither a number nor a percentage');
});

it('quantities', () => {
  expect(['1Gi', '500m', '1e3', '2k', 110].map((text) => parseQuantity(text))).toEqual([
    2 ** 30,
    0.5,
    1000,
    2000,
    110,
  ]);
  expect(() => parseQuantity('1 Gi')).toThrow();
});

it('merge patches as in RFC 7386, appendix A', () => {
  expect(mergePatch({ a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } })).toEqual({
    a: 'z',
    c: { d: 'e' },
  });
  expect(mergePatch({ a: ['b'] }, { a: 'c' })).toEqual({ a: 'c' });
  expect(mergePatch({}, { a: { bb: { ccc: null } } })).toEqual({ a: { bb: {} } });
  expect(mergePatch(['a'], { a: 'b' })).toEqual({ a: 'b' });
});

it('a condition keeps its place and time while status and reason stay', () => {
  const before = [
    { type: 'A', status: 'True', reason: 'r', lastTransitionTime: '1' },
    { type: 'B', status: 'True' },
  ];
  expect(setCondition(before, { type: 'A', status: 'True', reason: 'r', message: 'new' })).toEqual(before);
  expect(setCondition(before, { type: 'A', status: 'True', reason: 's', lastTransitionTime: '2' })).toEqual([
    before[1],
    { type: 'A', status: 'True', reason: 's', lastTransitionTime: '1' },
  ]);
});

it('taints: effects, operators, empty keys', () => {
  const taint = { key: 'a', value: 'b', effect: 'NoSchedule' };
  expect(untolerated([taint], [])).toBe(taint);
  expect(untolerated([taint], [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }])).toBe(taint);
  expect(untolerated([taint], [{ key: 'a', value: 'c' }])).toBe(taint);
  expect(untolerated([taint], [{ key: 'a', value: 'b' }])).toBeUndefined();
  expect(untolerated([taint], [{ operator: 'Exists' }])).toBeUndefined();
  expect(untolerated([{ ...taint, effect: 'PreferNoSchedule' }], [])).toBeUndefined();
});

it('JSON lines, however the stream is cut', async () => {
  const text = '{"a":"ä"}\n\n{"b":2}\n[3]\n{"unfinished"';
  for (const size of [1, 2, 3, 7, 100]) {
    const bytes = Buffer.from(text);
    const chunks = async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    };
    const values: unknown[] = [];
    for await (const value of jsonLines(chunks())) values.push(value);
    expect(values).toEqual([{ a: 'ä' }, { b: 2 }, [3]]);
  }
});
