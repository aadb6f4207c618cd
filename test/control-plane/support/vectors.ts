import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

const FILE = new URL('../../vectors/api-1.31/vectors.jsonl.br', import.meta.url);

/** One recorded exchange; see test/vectors/api-1.31/RECORDING.md. */
export interface Vector {
  readonly name: string;
  readonly group: string;
  readonly at: string;
  readonly state: string;
  /** `kubectl-1.32 …`, `HTTP METHOD path`, `SEQUENCE …`. */
  readonly first: string;
  readonly cmd: string;
  readonly out: string;
  readonly err: string;
}

export interface RequestVector extends Vector {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly code: number;
  readonly answerHeaders: readonly (readonly [string, string])[];
  readonly answer: string;
}

interface Line {
  readonly name?: string;
  readonly cmd?: string;
  readonly out?: string;
  readonly err?: string;
  readonly file?: string;
  readonly text?: string;
}

let lines: readonly Line[] | undefined;

function read(): readonly Line[] {
  lines ??= brotliDecompressSync(readFileSync(FILE))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  return lines;
}

/** All exchanges, in the order they were recorded in. */
export function vectors(): readonly Vector[] {
  return read()
    .filter((line) => line.name !== undefined)
    .map(({ name = '', cmd = '', out = '', err = '' }) => ({
      name,
      first: cmd.split('\n', 1)[0] ?? '',
      group: /^# group: (\S+)/m.exec(cmd)?.[1] ?? '',
      at: /^# at: (\S+)/m.exec(cmd)?.[1] ?? '',
      state: /^# state: (.*)/m.exec(cmd)?.[1] ?? '',
      cmd,
      out,
      err,
    }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The exchanges over plain HTTP. */
export function requestVectors(): readonly RequestVector[] {
  return vectors()
    .filter(({ first }) => first.startsWith('HTTP '))
    .map((vector) => ({ ...vector, ...parseRequest(vector.cmd), ...parseAnswer(vector.out) }));
}

/** A file that went with the recordings, e.g. `manifests/13-ingress.yaml`. */
export function vectorFile(name: string): string {
  const text = read().find(({ file }) => file === name)?.text;
  if (text === undefined) throw new Error(`no file ${name} among the vectors`);
  return text;
}

export function vectorFiles(): readonly string[] {
  return read().flatMap(({ file }) => (file === undefined ? [] : [file]));
}

function parseRequest(cmd: string): Pick<RequestVector, 'method' | 'path' | 'headers' | 'body'> {
  const blank = cmd.indexOf('\n\n');
  const head = blank < 0 ? cmd : cmd.slice(0, blank);
  const [first = '', ...rest] = head.split('\n');
  const [, method = '', ...path] = first.split(' ');
  const headers: Record<string, string> = {};
  for (const line of rest) {
    const found = /^([A-Za-z-]+): (.*)$/.exec(line);
    if (found && !line.startsWith('#')) headers[found[1] ?? ''] = found[2] ?? '';
  }
  return {
    method,
    path: path.join(' '),
    headers,
    body: blank < 0 ? '' : cmd.slice(blank + 2).replace(/\n$/, ''),
  };
}

function parseAnswer(out: string): Pick<RequestVector, 'code' | 'answerHeaders' | 'answer'> {
  const found = /\r?\n\r?\n/.exec(out);
  const head = found ? out.slice(0, found.index) : out;
  const [first = '', ...rest] = head.split(/\r?\n/);
  const answerHeaders = rest.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    code: Number(first.split(' ')[1]),
    answerHeaders,
    answer: found ? out.slice(found.index + found[0].length) : '',
  };
}
