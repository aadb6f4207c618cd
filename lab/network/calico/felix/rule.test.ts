import { describe, expect, it } from 'vitest';
import { restoreLines, ruleTags } from './rule.ts';
import { staticTables } from './static-chains.ts';

// Tags read off real clusters and the white paper's figures; test vectors of Felix's hash.
const KNOWN: Record<string, string[]> = {
  PREROUTING: ['6gwbT8clXdHdC1b1'],
  OUTPUT: ['tVnHkvAo15HuiPy0'],
  POSTROUTING: ['O3lYWMrLQYEMJtB5'],
  INPUT: ['Cz_u1IQiXIMmKD4c'],
  'cali-PREROUTING': ['r6XmIziWUJsdOK6Z'],
  'cali-OUTPUT': ['GBTAv2p5CwevEyJm'],
  'cali-POSTROUTING': ['Z-c7XtVd2Bq7s_hA', 'nYKhEzDlr11Jccal', 'SXWvdsbh4Mw7wOln'],
  'cali-nat-outgoing': ['flqWnvo8yq4ULQLa'],
  'cali-INPUT': ['PajejrV4aFdkZojI', '_wjq-Yrma8Ly1Svo'],
};

describe('Felix rule tags', () => {
  const tables = staticTables({ encapsulated: true, natOutgoing: true });
  const chains = tables.flatMap((table) => [...table.chains, ...table.inserts]);

  for (const [name, tags] of Object.entries(KNOWN)) {
    it(`${name} has the tags of real clusters`, () => {
      const chain = chains.find((candidate) => candidate.name === name);
      expect(chain && ruleTags(chain)).toEqual(tags);
    });
  }

  it('depends on the rules before', () => {
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

  it('leaves out what the pool does not ask for', () => {
    const bare = staticTables({ encapsulated: false, natOutgoing: false });
    const text = bare.flatMap((table) => table.chains.flatMap((chain) => restoreLines(chain))).join('\n');
    expect(text).not.toMatch(/tunl0|MASQUERADE|-p 4/);
  });
});
