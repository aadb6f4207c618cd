const WIDTH = 56;

function wrap(text: string): string[] {
  const out: string[] = [];
  for (const line of text.replace(/\t/g, '    ').split('\n')) {
    if (line.length <= WIDTH) out.push(line);
    else for (let at = 0; at < line.length; at += WIDTH) out.push(line.slice(at, at + WIDTH));
  }
  while (out.length > 1 && out[out.length - 1] === '') out.pop();
  return out;
}

/** Two texts in two columns under their titles, long lines wrapped, so that a failure can be read at one look. */
export function sideBySide(expected: string, observed: string): string {
  const left = ['EXPECTED', ...wrap(expected)];
  const right = ['OBSERVED', ...wrap(observed === '' ? '(nothing)' : observed)];
  const width = Math.max(...left.map((line) => line.length));
  const count = Math.max(left.length, right.length);
  return Array.from({ length: count }, (_, index) =>
    `${(left[index] ?? '').padEnd(width)} | ${right[index] ?? ''}`.trimEnd(),
  ).join('\n');
}

/** The first and the last lines of a long text, with a line that says how much was left out. */
export function shorten(text: string, most: number): string {
  const all = text.replace(/\n+$/, '').split('\n');
  if (all.length <= most) return all.join('\n');
  const head = Math.ceil((most - 1) / 2);
  const tail = most - 1 - head;
  return [...all.slice(0, head), `… ${all.length - head - tail} lines …`, ...all.slice(-tail)].join('\n');
}
