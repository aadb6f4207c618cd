import { expect, it } from 'vitest';
import { basesOf } from './kustomization.ts';

it('finds resources, bases and components', () => {
  const text =
    'resources:\n- ../../base\n- web.yaml\nbases: [../old]\ncomponents:\n- ../c\npatches:\n- path: p.yaml\n';
  expect(basesOf(text)).toEqual(['../../base', 'web.yaml', '../old', '../c']);
});

it.each(['', 'resources: 3', '- a', 'a: [', 'null'])('reads nothing from %j', (text) => {
  expect(basesOf(text)).toEqual([]);
});
