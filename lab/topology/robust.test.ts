import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Document, isScalar, parseDocument, visit } from 'yaml';
import { rounds, SEED } from '../testing/index.ts';
import { parseTopology } from './parse.ts';
import { renderProblems } from './problem.ts';

// Whatever stands in the place of a value, the answer is a topology or problems with a place, never an exception.
const text = readFileSync(fileURLToPath(new URL('../../topologies/iks.yaml', import.meta.url)), 'utf8');
const JUNK = [
  '',
  '~',
  '[]',
  '{}',
  '0',
  '-1',
  '1.5',
  '1e999',
  'true',
  'x',
  '"  "',
  '"::1"',
  '10.0.0.0/8',
  '10.1.110.0/24',
  '1.2.3.4-1.2.3.5',
  '{a: b}',
  '[a, [b]]',
  '99999999999',
  '__proto__',
  '"\\0"',
  '*x',
  '&x y',
  '!t z',
  '<<',
];

function scalars(doc: Document): [number, number][] {
  const places: [number, number][] = [];
  visit(doc, {
    Scalar(_key, node) {
      if (isScalar(node) && node.range) places.push([node.range[0], node.range[1]]);
    },
  });
  return places;
}

function check(changed: string): void {
  const { topology, problems } = parseTopology(changed, 'x.yaml');
  expect(topology === undefined).toBe(problems.length > 0);
  const lines = changed.split('\n');
  for (const { line, column } of problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
  }
  expect(renderProblems(problems)).not.toMatch(/undefined|NaN|\[object/);
}

describe('a file with anything in it', { timeout: 120_000 }, () => {
  test('keys and values replaced by junk', () => {
    // Every place and every junk is among the few pairs of a quick run, and other pairs in every run.
    const oneOf = rounds(24, 1);
    scalars(parseDocument(text)).forEach(([from, to], i) => {
      JUNK.forEach((junk, j) => {
        if ((i + j + SEED) % oneOf === 0) check(text.slice(0, from) + junk + text.slice(to));
      });
    });
  });

  test('every line left out, doubled, indented, cut', () => {
    const oneOf = rounds(6, 1);
    const lines = text.split('\n');
    lines.forEach((line, i) => {
      const variants = [
        [],
        [line, line],
        [`  ${line}`],
        [line.slice(1)],
        [line.slice(0, line.length / 2)],
        [`\t${line}`],
      ];
      variants.forEach((variant, j) => {
        if ((i + j + SEED) % oneOf === 0)
          check([...lines.slice(0, i), ...variant, ...lines.slice(i + 1)].join('\n'));
      });
    });
  });

  test('cut after any character', () => {
    const step = rounds(30, 1);
    for (let length = SEED % step; length < text.length; length += step) check(text.slice(0, length));
  });
});
