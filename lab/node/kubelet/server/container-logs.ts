import { watch } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseCriLine, renderCriLine, tailLines } from '../../runtime/index.ts';
import { logTime } from './log-time.ts';

export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  /** Milliseconds since 1970. */
  readonly since: number | undefined;
  readonly limitBytes: number | undefined;
  /** Only what was written to this one; both by default. */
  readonly stream?: 'stdout' | 'stderr';
}

const CHUNK = 64 * 1024;

/** A number of a query, or undefined. @throws Error for text that is none */
function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`invalid value for ${name}: ${JSON.stringify(text)}`);
  return value;
}

/** Reads PodLogOptions from a query. @param now milliseconds. @throws Error */
export function logOptions(query: URLSearchParams, now: number): LogOptions {
  const flag = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  const seconds = numberOf(query, 'sinceSeconds');
  const time = query.get('sinceTime');
  return {
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    tailLines: numberOf(query, 'tailLines'),
    since: seconds !== undefined ? now - seconds * 1000 : time ? Date.parse(time) : undefined,
    limitBytes: numberOf(query, 'limitBytes'),
  };
}

/** Raw CRI lines as `kubectl logs` shows them. */
export function renderLines(
  lines: readonly string[],
  { timestamps, since, stream }: Pick<LogOptions, 'timestamps' | 'since' | 'stream'>,
): string {
  let text = '';
  // A time is printed at the start of a line only, and a line may come in pieces.
  let continued = false;
  for (const line of lines) {
    if (line === '') continue;
    const parsed = parseCriLine(line);
    if (stream !== undefined && parsed !== undefined && parsed.stream !== stream) continue;
    if (since !== undefined && parsed !== undefined && Date.parse(parsed.time) < since) continue;
    if (timestamps && parsed !== undefined && !continued) text += `${logTime(parsed.time)} `;
    text += renderCriLine(line).text;
    continued = parsed?.partial ?? false;
  }
  return text;
}

/** @returns the log file of a container's newest attempt, or of the one before it; undefined when there is none. */
export async function logFile(directory: string, previous: boolean): Promise<string | undefined> {
  const attempts = (await readdir(directory).catch(() => [] as string[]))
    .map((name) => Number.parseInt(name, 10))
    .filter((attempt) => !Number.isNaN(attempt))
    .sort((a, b) => b - a);
  const attempt = attempts[previous ? 1 : 0];
  return attempt === undefined ? undefined : join(directory, `${attempt}.log`);
}

/**
 * A log as text, piece by piece. With `follow` it goes on until the container has ended and all is read.
 * @param ended resolves when the container that writes the log has ended @param signal ends it at once
 */
export async function* readLog(
  path: string,
  options: LogOptions,
  ended: Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const file = await open(path, 'r');
  let wake = () => {};
  let over = !options.follow;
  const watcher = options.follow
    ? watch(dirname(path), (_event, name) => (name === basename(path) ? wake() : undefined))
    : undefined;
  const end = () => {
    over = true;
    wake();
  };
  signal.addEventListener('abort', end);
  void ended.then(end);
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(CHUNK);
  let rest = '';

  /** @returns what is there, up to a chunk, as whole raw lines; undefined at the end */
  const more = async (): Promise<string[] | undefined> => {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return undefined;
    const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    return lines;
  };
  const cut = (text: string): string => {
    const bytes = Buffer.from(text);
    const kept = bytes.length > left ? bytes.subarray(0, left).toString('utf8') : text;
    left -= Math.min(bytes.length, left);
    return kept;
  };

  try {
    let tail: string[] | undefined = options.tailLines === undefined ? undefined : [];
    while (left > 0 && !signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const last = over;
      const lines = await more();
      if (lines !== undefined && tail !== undefined) {
        // Never more in memory than what may be printed and one chunk.
        tail = tailLines([...tail, ...lines], options.tailLines ?? 0);
        continue;
      }
      if (lines === undefined && tail !== undefined) {
        const text = cut(renderLines(tail, options));
        tail = undefined;
        if (text !== '') yield text;
        continue;
      }
      if (lines !== undefined) {
        const text = cut(renderLines(lines, options));
        if (text !== '') yield text;
      } else if (last) return;
      else await changed;
    }
  } finally {
    watcher?.close();
    signal.removeEventListener('abort', end);
    await file.close();
  }
}
