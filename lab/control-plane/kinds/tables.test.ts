import { describe, expect, it } from 'vitest';
import { httpExchange, loadVectors } from '../../../test/vectors/load.ts';
import type { Kind, KubeObject } from '../registry/index.ts';
import { KINDS } from './index.ts';
import { parseGet, parseTable, printTable, withoutAges } from './testing/kubectl-table.ts';
import { tablesLeftOut } from './testing/left-out.ts';
import { VectorServer } from './testing/vector-server.ts';

// Recorded tables, once as kubectl prints them and once as the server sends them, from the objects of the same moment.
const server = new VectorServer(false);
const main = [...loadVectors().values()].filter(({ cmd }) => /^# state: main/m.test(cmd));

describe('tables as kubectl prints them', () => {
  let tables = 0;
  for (const { name, cmd, out } of main) {
    const command = parseGet(cmd.split('\n', 1)[0] ?? '');
    const kind = command && findKind(command.resource);
    if (!command || !kind || !out.startsWith(command.allNamespaces && kind.namespaced ? 'NAMESPACE' : ''))
      continue;
    const objects = server
      .list(kind)
      .filter(
        ({ metadata }) =>
          !kind.namespaced || command.allNamespaces || metadata.namespace === command.namespace,
      )
      .filter(({ metadata }) => command.names.length === 0 || command.names.includes(metadata.name));
    if (objects.length === 0 || name in tablesLeftOut) continue;
    tables += 1;
    it(name, () => {
      expect(withoutAges(printTable(kind, objects, command, timeOf(cmd)))).toEqual(
        withoutAges(parseTable(out)),
      );
    });
  }

  it('are many', () => {
    expect(tables).toBeGreaterThan(60);
  });
});

describe('tables as the server sends them', () => {
  for (const vector of main) {
    const exchange = httpExchange(vector);
    if (exchange?.status !== 200 || !vector.name.startsWith('table-')) continue;
    const target = server.target(exchange.path);
    const kind = target?.served.kind;
    if (!kind || exchange.headers.Accept !== 'application/json;as=Table;g=meta.k8s.io;v=v1') continue;
    it(vector.name, () => {
      const table = JSON.parse(exchange.answer) as {
        columnDefinitions: { name: string; description: string }[];
        rows: { cells: unknown[]; object: KubeObject }[];
      };
      // The models of the generated schemas have lost line breaks, and are of a later version.
      const bare = (columns: readonly { description: string }[]): unknown =>
        columns.map(({ description, ...rest }) => ({ ...rest, description: description.slice(0, 24) }));
      expect(bare(kind.columns)).toEqual(bare(table.columnDefinitions));
      for (const { cells, object } of table.rows) {
        const stored = server.get({ ...target, name: object.metadata.name });
        const row = kind.row(stored as KubeObject, timeOf(vector.cmd));
        expect(ageless(row)).toEqual(ageless(cells));
      }
    });
  }
});

function findKind(resource: string): Kind | undefined {
  const [plural = ''] = resource.split('.');
  return KINDS.find((kind) => kind.plural === plural || kind.shortNames?.includes(plural));
}

function timeOf(cmd: string): Date {
  return new Date(/^# at: (.*)$/m.exec(cmd)?.[1] ?? '');
}

function ageless(cells: readonly unknown[]): unknown[] {
  return cells.map((cell) => (typeof cell === 'string' ? cell.replace(/^\d+s$/, 'AGE') : cell));
}
