import type { Kind, KubeObject } from '../../registry/index.ts';

export interface GetCommand {
  readonly resource: string;
  readonly names: readonly string[];
  readonly allNamespaces: boolean;
  readonly namespace: string;
  readonly wide: boolean;
  readonly labels: boolean;
}

/** `kubectl-1.32 get pods -A -o wide`; undefined for what prints no table or selects. */
export function parseGet(command: string): GetCommand | undefined {
  const [, resource, rest = ''] = /^kubectl-1\.32 get ([\w.]+)((?: .*)?)$/.exec(command) ?? [];
  if (resource === undefined) return undefined;
  const words = rest
    .trim()
    .split(' ')
    .filter((word) => word !== '');
  const names: string[] = [];
  let namespace = 'default';
  const flags = new Set<string>();
  while (words.length > 0) {
    const word = words.shift() as string;
    if (word === '-n') namespace = words.shift() ?? '';
    else if (word === '-o') {
      if (words.shift() !== 'wide') return undefined;
      flags.add('wide');
    } else if (word === '-A' || word === '--show-labels') flags.add(word);
    else if (word.startsWith('-')) return undefined;
    else names.push(word);
  }
  return {
    resource,
    names,
    namespace,
    allNamespaces: flags.has('-A'),
    wide: flags.has('wide'),
    labels: flags.has('--show-labels'),
  };
}

/** Header and cells as kubectl prints a server's table. */
export function printTable(
  kind: Kind,
  objects: readonly KubeObject[],
  command: GetCommand,
  now: Date,
): string[][] {
  const shown = kind.columns.map(({ priority }) => priority === 0 || command.wide);
  const withNamespace = command.allNamespaces && kind.namespaced;
  const line = (namespace: string, cells: readonly string[], labels: string): string[] => [
    ...(withNamespace ? [namespace] : []),
    ...cells.filter((_, index) => shown[index]),
    ...(command.labels ? [labels] : []),
  ];
  const header = line(
    'NAMESPACE',
    kind.columns.map(({ name }) => name.toUpperCase()),
    'LABELS',
  );
  const rows = objects.map((object) => {
    const labels = Object.entries(object.metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    const cells = kind.row(object, now).map((cell) => (cell === null ? '<none>' : String(cell)));
    return line(object.metadata.namespace ?? '', cells, labels.sort().join(',') || '<none>');
  });
  return [header, ...rows];
}

/** The cells of a printed table, by the columns of its header. */
export function parseTable(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line !== '');
  const starts = [...(lines[0] ?? '').matchAll(/(?:^|(?<= {3}))\S/g)].map(({ index }) => index);
  return lines.map((line) => starts.map((start, at) => line.slice(start, starts[at + 1]).trim()));
}

/** Ages differ by the time between a request and its answer. */
export function withoutAges(rows: readonly (readonly string[])[]): string[][] {
  return rows.map((row) => row.map((cell) => cell.replace(/^\d+s$/, 'AGE')));
}
