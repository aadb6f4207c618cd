import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/** Pieces are gathered to blocks of this size: each write is a TLS record and a system call. */
const BLOCK = 256 << 10;

/**
 * Sends an answer with its length, waiting for slow readers instead of buffering for them.
 * @param warnings texts of `Warning:` headers
 */
export async function send(
  response: ServerResponse,
  answer: Answer,
  warnings: readonly string[],
  head: boolean,
): Promise<void> {
  let length = 0;
  for (const piece of answer.body) length += piece.length;
  const headers: Record<string, string | number | string[]> = {
    'Audit-Id': randomUUID(),
    'Cache-Control': 'no-cache, private',
    'Content-Type': answer.contentType,
    'Content-Length': length,
    ...answer.headers,
  };
  if (warnings.length > 0) headers.Warning = warnings.map(warningHeader);
  response.writeHead(answer.code, headers);
  if (head) {
    response.end();
    return;
  }
  if (length <= BLOCK) {
    response.end(answer.body.length === 1 ? answer.body[0] : Buffer.concat(answer.body));
    return;
  }
  let block: Buffer[] = [];
  let size = 0;
  for (const piece of answer.body) {
    block.push(piece);
    size += piece.length;
    if (size < BLOCK) continue;
    if (!response.write(Buffer.concat(block)) && !(await drained(response))) return;
    block = [];
    size = 0;
  }
  response.end(Buffer.concat(block));
}

/** @returns false when the client has gone */
function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (open: boolean): void => {
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(open);
    };
    const onDrain = (): void => finish(true);
    const onClose = (): void => finish(false);
    response.once('drain', onDrain);
    response.once('close', onClose);
    if (response.destroyed) finish(false);
  });
}

/** RFC 7234 §5.5 with code 299, as Kubernetes sends it. Header values hold no control characters. */
function warningHeader(text: string): string {
  const safe = text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
  return `299 - "${safe}"`;
}
