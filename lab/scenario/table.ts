export interface TableRow {
  /** Line in the text, from 0. */
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/**
 * Reads a table whose first line holds titles, as `route -n` and `birdc show protocols` print it. A cell is one word;
 * the last title takes the rest of its line.
 * @param titles the titles that the line of titles must have, used to find it
 * @returns undefined when no line has all the titles
 */
export function parseTable(text: string, titles: readonly string[]): TableRow[] | undefined {
  const all = text.split('\n');
  const head = all.findIndex((line) => titles.every((title) => line.trim().split(/\s+/).includes(title)));
  if (head < 0) return undefined;
  const names = (all[head] ?? '').trim().split(/\s+/);
  const table: TableRow[] = [];
  for (let line = head + 1; line < all.length; line += 1) {
    const words = (all[line] ?? '').trim().split(/\s+/);
    if (words[0] === '') continue;
    const cells: Record<string, string> = {};
    for (const [index, name] of names.entries()) {
      cells[name] = (index === names.length - 1 ? words.slice(index).join(' ') : words[index]) ?? '';
    }
    table.push({ line, cells });
  }
  return table;
}

/** Columns padded to their widest cell, two blanks between them, no blanks at line ends. */
export function renderTable(table: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of table) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return table
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
