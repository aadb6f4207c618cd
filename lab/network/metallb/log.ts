import type { Release } from './release.ts';

type Fields = Readonly<Record<string, unknown>>;
type Level = 'debug' | 'info' | 'warn' | 'error';

/** MetalLB's logs: one JSON object a line, as go-kit's logger writes it. */
export interface GoKitLog {
  debug(caller: string, fields: Fields): void;
  info(caller: string, fields: Fields): void;
  error(caller: string, fields: Fields): void;
}

/** RFC 3339 with nanoseconds, as Go's RFC3339Nano: trailing zeros are left out. */
function nanoTime(): string {
  const micros = Math.round((performance.timeOrigin + performance.now()) * 1000);
  const fraction = String(micros % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19);
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/**
 * A log in the shape of Figure 61: keys sorted, `caller` and `ts` in each line, and from 0.11 on a `level`.
 *
 * @param write for tests
 */
export function goKitLog(
  release: Release,
  write = (line: string): unknown => process.stdout.write(line),
): GoKitLog {
  const line = (level: Level) => (caller: string, fields: Fields) => {
    const all: Record<string, unknown> = { ...fields, caller, ts: nanoTime() };
    if (release !== '0.10') all.level = level;
    const entries = Object.entries(all).map(([key, value]) => [
      key,
      value instanceof Error ? value.message : value,
    ]);
    entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    write(`${JSON.stringify(Object.fromEntries(entries))}\n`);
  };
  return { debug: line('debug'), info: line('info'), error: line('error') };
}

/** Logs nothing. */
export const silentGoKitLog: GoKitLog = { debug: () => {}, info: () => {}, error: () => {} };
