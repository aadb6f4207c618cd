import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkTopologyFile, renderProblems } from '../../lab/topology/index.ts';

// Each NAME.yaml is wrong; NAME.txt is the text that people get to read. UPDATE_GOLDEN=1 writes the texts anew.
const folder = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .sort();

describe('bad topologies', () => {
  test('there are at least 40, and no golden text without its file', () => {
    expect(names.length).toBeGreaterThanOrEqual(40);
    const texts = readdirSync(folder).filter((file) => file.endsWith('.txt'));
    expect(texts.filter((file) => !names.includes(file.slice(0, -'.txt'.length)))).toEqual([]);
  });

  test.each(names)('%s', (name) => {
    const { topology, problems } = checkTopologyFile(`${name}.yaml`, folder);
    expect(topology).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) {
      expect(problem.message, 'what is wrong').not.toBe('');
      expect(problem.rule, 'the rule').not.toBe('');
      expect(problem.right, 'what would be right').not.toBe('');
    }
    const golden = `${folder}${name}.txt`;
    const text = renderProblems(problems);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text);
    expect(existsSync(golden), `${golden} is missing; UPDATE_GOLDEN=1 writes it`).toBe(true);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });
});
