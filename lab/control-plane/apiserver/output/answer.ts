/** What a handler wants sent. */
export interface Answer {
  readonly code: number;
  readonly contentType: string;
  /** Pieces of the body, sent one after the other: objects are never serialised again. */
  readonly body: readonly Buffer[];
  readonly headers?: Readonly<Record<string, string>>;
}

const NEWLINE = Buffer.from('\n');

export function jsonAnswer(value: unknown, code = 200): Answer {
  return {
    code,
    contentType: 'application/json',
    body: [Buffer.from(JSON.stringify(value)), NEWLINE],
  };
}

export function textAnswer(text: string, code = 200, headers?: Readonly<Record<string, string>>): Answer {
  return {
    code,
    contentType: 'text/plain; charset=utf-8',
    body: [Buffer.from(text)],
    ...(headers && { headers }),
  };
}

/** What Go's http.NotFound writes for a path that nothing is mounted at. */
export function pageNotFound(): Answer {
  return textAnswer('404 page not found\n', 404, { 'X-Content-Type-Options': 'nosniff' });
}

export function piecesAnswer(body: readonly Buffer[], code = 200): Answer {
  return { code, contentType: 'application/json', body: [...body, NEWLINE] };
}
