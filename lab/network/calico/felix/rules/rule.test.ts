import { expect, it } from 'vitest';
import { restoreLines, ruleTags } from './rule.ts';

it('makes tags depend on the rules before', () => {
  const first = { action: '--jump A' };
  const second = { action: '--jump B' };
  expect(ruleTags({ name: 'c', rules: [first, second] })[1]).not.toBe(
    ruleTags({ name: 'c', rules: [second] })[0],
  );
});

it('writes the tag, then the comment, then match and action', () => {
  expect(
    restoreLines({ name: 'c', rules: [{ comment: 'Why "so"', match: '-p 4', action: '--jump DROP' }] })[0],
  ).toMatch(/^-A c -m comment --comment "cali:.{16}" -m comment --comment "Why _so_" -p 4 --jump DROP$/);
});
