/** An answer of an HTTP/1.1 server, whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** The server takes further requests on this connection. */
  readonly keepAlive: boolean;
}

const HEAD_END = '\r\n\r\n';

/**
 * Reads one answer (RFC 9112), its body of a given length or in chunks, which is all that a server sends to a client that
 * keeps its connection.
 *
 * @param bytes what has come so far
 * @returns undefined until all of it has come
 * @throws Error when it is no such answer
 */
export function readAnswer(bytes: Buffer): HttpAnswer | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (!status) throw new Error(`not an answer of an HTTP/1.1 server: ${statusLine.slice(0, 80)}`);
  const headers = new Map(lines.map(parseHeader));
  const rest = bytes.subarray(end + HEAD_END.length);
  const body = headers.get('transfer-encoding') === 'chunked' ? chunks(rest) : counted(rest, headers);
  const keepAlive = headers.get('connection')?.toLowerCase() !== 'close';
  return body && { status, body: body.toString('utf8'), keepAlive };
}

function parseHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function counted(rest: Buffer, headers: ReadonlyMap<string, string>): Buffer | undefined {
  const length = Number(headers.get('content-length') ?? Number.NaN);
  if (Number.isNaN(length)) throw new Error('an HTTP answer without a length');
  return rest.length < length ? undefined : rest.subarray(0, length);
}

function chunks(rest: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = Number.parseInt(rest.toString('latin1', at, line), 16);
    if (Number.isNaN(size)) throw new Error('an HTTP answer with a malformed chunk');
    const start = line + 2;
    // A trailer would stand before the last empty line; the API sends none.
    if (rest.length < start + size + 2) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(rest.subarray(start, start + size));
    at = start + size + 2;
  }
}
