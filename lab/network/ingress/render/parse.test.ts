import { expect, test } from 'vitest';
import { parseConf, parseDirectives } from './parse.ts';
import { conf, print, replacement, text } from './syntax.ts';

const DOLLAR = `$${'{literal_dollar}'}`;

test('words, blocks and comments are read as nginx reads them', () => {
  expect(parseDirectives('a b "c d" \'e;f\'; # no;\ng "\\"" "\\\\" \\; { h ${i}j; }')).toMatchObject([
    { words: ['a', 'b', 'c d', 'e;f'] },
    { words: ['g', '"', '\\', '\\;'], children: [{ words: ['h', '${i}j'] }] },
  ]);
  expect(parseDirectives('x_by_lua_block { if a then b = {} end } c d;')).toMatchObject([
    { words: ['x_by_lua_block'], children: [{ words: [' if a then b = {} end '] }] },
    { words: ['c', 'd'] },
  ]);
});

test.each(['a', 'a b', 'a {', '}', 'a; }', 'a "b', ';', '{}', 'a "b"c;', 'a {;}'])(
  '%j is not whole',
  (input) => {
    expect(() => parseDirectives(input)).toThrow(/line 1: /);
  },
);

test('a snippet keeps its words', () => {
  const source = 'add_header X "a;b" always;\nif ($request_method = POST) {\n\treturn 405;\n}\n';
  expect(print(parseConf(source))).toBe(source);
  expect(() => parseConf('content_by_lua_block { os.execute("x") }')).toThrow('cannot be used in a snippet');
  expect(() => parseConf('} server { listen 81; ')).toThrow('unexpected "}"');
});

test('values are quoted, and are nothing but text', () => {
  const value = 'a "b" \\ $c ; { } \'d\'';
  const [directive] = parseDirectives(print([conf`set $x ${value}`]));
  expect(directive?.words).toEqual(['set', '$x', value.replace('$', () => DOLLAR)]);
  expect(() => text('a\nb')).toThrow('control character');
  expect(replacement('/$1/$10/$x').text).toBe(`"/$1/${DOLLAR}10/${DOLLAR}x"`);
});
