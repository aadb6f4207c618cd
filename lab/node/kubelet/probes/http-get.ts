import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HttpGetAction } from '../../runtime/index.ts';
import { dialError } from './dial-error.ts';
import type { Outcome } from './outcome.ts';

/** Go's http.Client stops after ten. */
const MAX_REDIRECTS = 10;
/** Beyond this the body of an answer is not read. pkg/probe/http maxRespBodyLength. */
const MAX_BODY = 10 * 1024;

export interface HttpTarget {
  readonly podIP: string;
  readonly port: number;
}

function get(url: URL, headers: Record<string, string>, timeout: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { Host, ...rest } = headers;
    const options: RequestOptions & { rejectUnauthorized: boolean } = {
      headers: { ...rest, ...(Host === undefined ? {} : { Host }) },
      agent: false,
      rejectUnauthorized: false,
      signal: AbortSignal.timeout(timeout),
    };
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, resolve);
    request.on('error', reject);
    request.end();
  });
}

/** Reads and drops a body, so that the connection ends well; a body without end is cut off. */
function drain(response: IncomingMessage): void {
  let read = 0;
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > MAX_BODY) response.destroy();
  });
}

/**
 * GET; 200 to 399 is success, certificates are not looked at, and a redirect is followed on the same host only.
 * pkg/probe/http.
 * @param timeout milliseconds
 */
export async function httpGet(action: HttpGetAction, target: HttpTarget, timeout: number): Promise<Outcome> {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const host = action.host || target.podIP;
  const start = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${target.port}`);
  const [path = '/', query = ''] = (action.path ?? '/').split('?');
  start.pathname = path;
  start.search = query;
  const headers: Record<string, string> = {
    'User-Agent': 'kube-probe/1.31',
    Accept: '*/*',
    Connection: 'close',
  };
  for (const { name, value } of action.httpHeaders ?? []) {
    headers[name.toLowerCase() === 'host' ? 'Host' : name] = value;
  }
  const printed = `${scheme}://${host}:${target.port}${action.path?.startsWith('/') ? '' : '/'}${action.path ?? ''}`;
  let url = start;
  try {
    for (let redirects = 0; ; redirects += 1) {
      const response = await get(url, headers, timeout);
      drain(response);
      const code = response.statusCode ?? 0;
      const location = response.headers.location;
      const next = code >= 300 && code < 400 && location ? new URL(location, url) : undefined;
      if (next === undefined || next.hostname !== start.hostname) {
        if (code >= 200 && code < 400) return { ok: true, message: '' };
        return { ok: false, message: `HTTP probe failed with statuscode: ${code}` };
      }
      if (redirects >= MAX_REDIRECTS)
        return { ok: false, message: `Get "${printed}": stopped after 10 redirects` };
      url = next;
    }
  } catch (error) {
    const aborted = (error as Error).name === 'TimeoutError' || (error as Error).name === 'AbortError';
    const why = aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : dialError(error as NodeJS.ErrnoException, `${host}:${target.port}`);
    return { ok: false, message: `Get "${printed}": ${why}` };
  }
}
