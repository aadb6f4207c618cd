import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

/** One recorded exchange; what the four parts mean is in api-1.31/RECORDING.md. */
export interface Vector {
  readonly name: string;
  /** The request, or kubectl's arguments, with `#` notes about the state it was made in. */
  readonly cmd: string;
  /** Status line, headers and body as received; for kubectl, its standard output. */
  readonly out: string;
  /** The JSON body alone (of a watch: one document per line). */
  readonly json?: string;
  /** kubectl's standard error. */
  readonly err?: string;
}

/** A vector of plain HTTP, taken apart. Bodies stay text: some are meant to be malformed. */
export interface HttpExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `# group:`, `# state:` and `# at:` of the recording. */
  readonly notes: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  /** Lower-case names; repeated headers (Warning) in order. */
  readonly answerHeaders: Readonly<Record<string, readonly string[]>>;
  readonly answer: string;
}

interface Archive {
  readonly vectors: ReadonlyMap<string, Vector>;
  readonly files: ReadonlyMap<string, string>;
}

interface Line {
  readonly name?: string;
  readonly cmd: string;
  readonly out: string;
  readonly json?: string;
  readonly bodyLength?: number;
  readonly err?: string;
  readonly file?: string;
  readonly text?: string;
}

let archive: Archive | undefined;

/** All exchanges by name, in the order they were recorded in. Unpacked once per process (5 MB, about 50 ms). */
export function loadVectors(): ReadonlyMap<string, Vector> {
  return open().vectors;
}

/**
 * Text of a file of the recording.
 * @param name e.g. `10-guestbook.yaml` or `state-main/pods.json`
 * @throws Error when the recording has no such manifest
 */
export function manifest(name: string): string {
  return file(`manifests/${name}`);
}

/** Names of all manifests, as {@link manifest} takes them. */
export function manifestNames(): readonly string[] {
  return [...open().files.keys()]
    .filter((name) => name.startsWith('manifests/'))
    .map((name) => name.slice('manifests/'.length));
}

/** The requests that changed something, in order (STEPS.txt of the recording). */
export function steps(): string {
  return file('STEPS.txt');
}

/**
 * Takes a `HTTP METHOD path` vector apart.
 * @returns undefined for vectors of kubectl and for sequences
 */
export function httpExchange(vector: Vector): HttpExchange | undefined {
  const request = /^HTTP (\S+) (.+)$/m.exec(vector.cmd.split('\n', 1)[0] ?? '');
  if (!request) return undefined;
  const [head, body] = splitOnce(vector.cmd, '\n\n');
  const headers: Record<string, string> = {};
  const notes: Record<string, string> = {};
  for (const line of head.split('\n').slice(1)) {
    const [name, value] = splitOnce(line, ': ');
    if (name.startsWith('# ')) notes[name.slice(2)] = value;
    else if (name !== '') headers[name] = value;
  }
  const [answerHead, answer] = splitOnce(vector.out.replaceAll('\r\n', '\n'), '\n\n');
  const [statusLine = '', ...answerLines] = answerHead.split('\n');
  const answerHeaders: Record<string, string[]> = {};
  for (const line of answerLines) {
    const [name, value] = splitOnce(line, ': ');
    const key = name.toLowerCase();
    answerHeaders[key] = [...(answerHeaders[key] ?? []), value];
  }
  return {
    method: request[1] ?? '',
    path: request[2] ?? '',
    headers,
    notes,
    body,
    status: Number(statusLine.split(' ')[1]),
    answerHeaders,
    answer,
  };
}

function file(name: string): string {
  const text = open().files.get(name);
  if (text === undefined) throw new Error(`the recording api-1.31 has no file ${name}`);
  return text;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function open(): Archive {
  if (archive) return archive;
  const packed = readFileSync(new URL('./api-1.31/vectors.jsonl.br', import.meta.url));
  const vectors = new Map<string, Vector>();
  const files = new Map<string, string>();
  for (const text of brotliDecompressSync(packed).toString('utf8').split('\n')) {
    if (text === '') continue;
    const line = JSON.parse(text) as Line;
    if (line.file !== undefined) files.set(line.file, line.text ?? '');
    else if (line.name !== undefined) vectors.set(line.name, vectorOf(line.name, line));
  }
  archive = { vectors, files };
  return archive;
}

function vectorOf(name: string, line: Line): Vector {
  // pack.ts leaves out a JSON body that is the tail of `out`.
  const json = line.bodyLength === undefined ? line.json : line.out.slice(line.out.length - line.bodyLength);
  return {
    name,
    cmd: line.cmd,
    out: line.out,
    ...(json !== undefined && { json }),
    ...(line.err !== undefined && { err: line.err }),
  };
}
