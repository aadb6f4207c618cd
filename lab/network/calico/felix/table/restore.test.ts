import { describe, expect, it } from 'vitest';
import { restoreLines, staticTables, type Table } from '../rules/index.ts';
import { parseSave } from './kernel.ts';
import { tableChange } from './restore.ts';

const tables = staticTables({ encapsulated: true, natOutgoing: true });
const table = (name: string): Table => {
  const found = tables.find((one) => one.name === name);
  if (!found) throw new Error(`no table ${name}`);
  return found;
};
const filter = table('filter');

/** What iptables-save prints once all of a table is in force, with others' rules in FORWARD. */
function saveOf(
  foreign: { before?: string; between?: string; after?: string; chains?: string } = {},
): string {
  const rulesOf = (chains: Table['inserts'], name: string) =>
    chains.filter((chain) => chain.name === name).flatMap((chain) => restoreLines(chain));
  return [
    '*nat',
    ':KUBE-SERVICES - [0:0]',
    '-A KUBE-SERVICES -j RETURN',
    'COMMIT',
    '*filter',
    ...['INPUT', 'FORWARD', 'OUTPUT'].map((name) => `:${name} ACCEPT [5:6]`),
    ...filter.chains.map((chain) => `:${chain.name} - [0:0]`),
    foreign.chains ?? '',
    ...['INPUT', 'OUTPUT'].flatMap((name) => rulesOf(filter.inserts, name)),
    foreign.before ?? '',
    ...rulesOf(filter.inserts, 'FORWARD'),
    foreign.between ?? '',
    ...rulesOf(filter.appends, 'FORWARD'),
    foreign.after ?? '',
    ...filter.chains.flatMap((chain) => restoreLines(chain)),
    'COMMIT',
  ].join('\n');
}

const change = (save: string, wanted = filter) =>
  tableChange(wanted, parseSave(save).get(wanted.name) ?? new Map());

describe('tableChange', () => {
  it('writes everything into an empty table, jumps on top, the accepting rules at the end', () => {
    const input = change('*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n')?.input ?? '';
    expect(input).toContain(':cali-FORWARD - [0:0]');
    expect(input).toMatch(/-I FORWARD .*--jump cali-FORWARD/);
    expect(input).toMatch(/-A FORWARD .*cali:S93hcgKJrXEqnTfs.*\n-A FORWARD .*cali:mp77cMpurHhyjLrM/);
  });

  it('has nothing to do when all is in place, whatever others have between', () => {
    expect(change(saveOf())).toBeUndefined();
    expect(
      change(saveOf({ between: '-A FORWARD -j KUBE-FORWARD', chains: ':KUBE-FORWARD - [0:0]' })),
    ).toBeUndefined();
  });

  it.each([{ before: '-A FORWARD -j KUBE-FORWARD' }, { after: '-A FORWARD -j KUBE-FORWARD' }])(
    "moves Felix' own rules back to their places: %j",
    (foreign) => {
      const input = change(saveOf(foreign))?.input ?? '';
      expect(input.match(/^-D FORWARD/gm)).toHaveLength(3);
      expect(input).toMatch(/-I FORWARD .*cali:wUHhoiAYhphO9Mso/);
      expect(input).not.toContain('KUBE-FORWARD');
      expect(input).not.toContain(':cali-');
    },
  );

  it('rewrites only the chain that was changed by hand', () => {
    const save = saveOf()
      .split('\n')
      .filter((line) => !line.includes('jdEuaPBe14V2hutn'))
      .join('\n');
    const input = change(save)?.input ?? '';
    expect(input.match(/^:.*/gm)).toEqual([':cali-FORWARD - [0:0]']);
  });

  it("sees a rule of somebody else's in a chain of Felix'", () => {
    const save = saveOf().replace('-A cali-INPUT', '-A cali-INPUT -j LOG\n-A cali-INPUT');
    expect(change(save)?.input).toContain(':cali-INPUT - [0:0]');
  });

  it('removes chains that are no longer wanted, emptied first', () => {
    const chains = ':cali-tw-cali1 - [0:0]\n:cali-pri-kns.a - [0:0]\n-A cali-tw-cali1 -j cali-pri-kns.a';
    const found = change(saveOf({ chains }));
    expect(found?.input.split('\n')).toEqual([
      '*filter',
      ':cali-tw-cali1 - [0:0]',
      ':cali-pri-kns.a - [0:0]',
      '-X cali-tw-cali1',
      '-X cali-pri-kns.a',
      'COMMIT',
      '',
    ]);
    expect(found?.withoutRemoval).not.toContain('-X');
  });

  it('keeps what it is told to keep, and removes nothing when told so', () => {
    const kernel = parseSave(saveOf({ chains: ':cali-old - [0:0]' })).get('filter') ?? new Map();
    const emptied: Table = { ...filter, chains: filter.chains.map(({ name }) => ({ name, rules: [] })) };
    const keep = new Set(filter.chains.map(({ name }) => name));
    expect(tableChange(emptied, kernel, { keep, remove: false })).toBeUndefined();
  });

  it('knows after a change what it wrote', () => {
    const first = change('*filter\nCOMMIT\n');
    expect(first && tableChange(filter, first.after)).toBeUndefined();
  });
});

it('reads what iptables-save prints without quotes too', () => {
  const kernel = parseSave(
    '*raw\n:cali-x - [0:0]\n-A cali-x -m comment --comment cali:6gwbT8clXdHdC1b1 -j RETURN\n',
  );
  expect(kernel.get('raw')?.get('cali-x')?.tags).toEqual(['6gwbT8clXdHdC1b1']);
});
