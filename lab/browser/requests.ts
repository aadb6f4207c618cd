/** A request of a page, as the network panel of a browser's developer tools shows it (Figures 38, 45 and 55). */
export interface PageRequest {
  readonly url: string;
  readonly method: string;
  /** Status code; undefined when there was no answer. */
  readonly status?: number;
  /** Why there was none, e.g. `net::ERR_CONNECTION_REFUSED`. */
  readonly failure?: string;
  /** `document`, `stylesheet`, `script`, `fetch`, `image`, `font`, … */
  readonly type: string;
  /** Bytes on the wire: headers and body. */
  readonly size: number;
  /** Milliseconds from the request to the end of its answer. */
  readonly time: number;
}

/** Each cell is one word, so that a row can be taken apart at its blanks. */
const TITLES = ['Name', 'Method', 'Status', 'Type', 'Size', 'Time'] as const;
/** Longer names lose their middle: a page of many scripts may ask for all of them in one address. */
const LONGEST = 120;

/**
 * The list of a page's requests with status and size.
 *
 * @param page address of the first page: what is on another host is named with its host
 */
export function requestTable(requests: readonly PageRequest[], page: string): string {
  const host = new URL(page).host;
  const cells = requests.map((request) => [
    name(request.url, host),
    request.method,
    String(request.status ?? request.failure ?? '(failed)'),
    request.type,
    request.status !== undefined && request.size === 0 ? '(cache)' : sizeText(request.size),
    `${Math.round(request.time)}ms`,
  ]);
  const all = [[...TITLES], ...cells];
  const widths = TITLES.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const table = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const total = requests.reduce((sum, { size }) => sum + size, 0);
  const count = `${requests.length} request${requests.length === 1 ? '' : 's'}`;
  return [...table, `${count}, ${sizeText(total)} transferred`].join('\n');
}

/** Path and query: under which path a file is asked for is what the story is about. */
function name(url: string, host: string): string {
  const { host: where, pathname, search } = new URL(url);
  const path = `${where === host ? '' : `//${where}`}${pathname}${search}`;
  return path.length <= LONGEST ? path : `${path.slice(0, LONGEST - 21)}…${path.slice(-20)}`;
}

/** As developer tools write it: thousands are kB. */
function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes}B`;
  const kilobytes = bytes / 1000;
  return `${kilobytes < 100 ? kilobytes.toFixed(1) : kilobytes.toFixed(0)}kB`;
}
