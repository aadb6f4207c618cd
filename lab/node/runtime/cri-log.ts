/** One line of a CRI log: `TIME STREAM F|P TEXT`. */
export interface CriLine {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** `P`: the container wrote no line end here; the next piece continues the line. */
  readonly partial: boolean;
  readonly text: string;
}

/** @returns the parsed line, or undefined when it is not in the CRI format. */
export function parseCriLine(line: string): CriLine | undefined {
  const match = /^(\S+) (stdout|stderr) ([FP])(?: (.*))?$/s.exec(line);
  if (match === null) return undefined;
  return {
    time: match[1] as string,
    stream: match[2] as 'stdout' | 'stderr',
    partial: match[3] === 'P',
    text: match[4] ?? '',
  };
}

/** What the container wrote: the CRI format taken off, pieces of a line joined. */
export function renderCriLine(line: string): { stream: 'stdout' | 'stderr'; text: string } {
  const parsed = parseCriLine(line);
  if (parsed === undefined) return { stream: 'stdout', text: `${line}\n` };
  return { stream: parsed.stream, text: parsed.partial ? parsed.text : `${parsed.text}\n` };
}

/** @returns the raw lines that make up the last `count` whole lines. */
export function tailLines(lines: readonly string[], count: number): string[] {
  let whole = 0;
  let start = lines.length;
  while (start > 0) {
    const ends = parseCriLine(lines[start - 1] as string)?.partial !== true;
    if (ends && whole === count) break;
    if (ends) whole += 1;
    start -= 1;
  }
  return lines.slice(start);
}

/** What the container wrote, of several raw lines. */
export function renderCriLog(lines: readonly string[]): string {
  return lines
    .filter((line) => line !== '')
    .map((line) => renderCriLine(line).text)
    .join('');
}
