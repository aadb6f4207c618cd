import type { IncomingMessage } from 'node:http';
import { parseAllDocuments } from 'yaml';
import { badRequest, tooLarge, unsupportedMediaType } from '../../registry/index.ts';
import { GoJsonError, parseJson } from './json.ts';
import { decodeProtobuf, ProtobufError } from './protobuf/index.ts';

/** The real server's limit on what a client may send in one request. */
export const MAX_BODY = 3 << 20;

/**
 * Reads a request's body.
 * @throws StatusError 413 as soon as more than {@link MAX_BODY} bytes are announced or have come
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) throw tooLarge(MAX_BODY);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw tooLarge(MAX_BODY);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** `application/json` of a Content-Type header, without parameters; JSON when there is none. */
export function mediaType(request: IncomingMessage): string {
  const header = request.headers['content-type'] ?? '';
  return (header.split(';')[0] ?? '').trim().toLowerCase() || 'application/json';
}

/** A body with its value and, for the search for duplicate fields, its JSON text. */
export interface DecodedBody {
  readonly value: unknown;
  /** Undefined when the body was not JSON. */
  readonly text: string | undefined;
}

/**
 * Decodes an object's body by its media type.
 * @param kind for the message, e.g. `Service`
 * @throws StatusError 415 for other media types, 400 for syntax errors in the real server's words
 */
export function decodeBody(body: Buffer, type: string, kind: string): DecodedBody {
  switch (type) {
    case 'application/json':
      return decodeJson(body, kind);
    case 'application/yaml':
    case 'application/x-yaml':
    case 'text/yaml':
      return { value: decodeYaml(body, kind), text: undefined };
    case 'application/vnd.kubernetes.protobuf':
      return { value: decodeBinary(body, kind), text: undefined };
    default:
      throw unsupportedMediaType(
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      );
  }
}

/**
 * Decodes the body of a request that is not stored but done, such as a Binding.
 * @throws StatusError 415, 400 also for an object of another kind
 */
export function decodeKind(body: Buffer, type: string, kind: string): Record<string, unknown> {
  const value = decodeBody(body, type, kind).value as Record<string, unknown>;
  if (value.kind !== undefined && value.kind !== '' && value.kind !== kind)
    throw badRequest(
      `${String(value.kind)} in version "v1" cannot be handled as a ${kind}: unknown conversion`,
    );
  return value;
}

function decodeJson(body: Buffer, kind: string): DecodedBody {
  const text = body.toString();
  try {
    const value = parseJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value, text };
    const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
    throw new GoJsonError(
      `json: cannot unmarshal ${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error;
    const shown = error.message.startsWith('json: cannot unmarshal') ? body.toString('hex') : excerpt(text);
    throw unrecognized(kind, `json parse error: ${error.message}`, shown);
  }
}

/** What kubectl 1.32 sends for `create NOUN` and most programs that are built on client-go. */
function decodeBinary(body: Buffer, kind: string): unknown {
  try {
    const value = decodeProtobuf(body);
    if (value) return value;
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): ${error.message} (${excerpt(body.toString('hex'))})`,
    );
  }
  throw unsupportedMediaType(
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
  );
}

/** YAML as far as JSON goes, so that dates stay strings and aliases cannot be used to blow up memory. */
function decodeYaml(body: Buffer, kind: string): unknown {
  const [document] = parseAllDocuments(body.toString(), {
    schema: 'core',
    version: '1.2',
    logLevel: 'silent',
  });
  const error = document && 'errors' in document ? document.errors[0] : undefined;
  if (!document || error) throw unrecognized(kind, yamlMessage(error?.code), body.toString('hex'));
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      // Through JSON, so that no key or value is anything JSON could not have said.
      return JSON.parse(JSON.stringify(value));
    }
  } catch {
    // Falls through to the refusal.
  }
  throw unrecognized(kind, 'yaml: not an object', body.toString('hex'));
}

function yamlMessage(code: string | undefined): string {
  return code === 'BLOCK_AS_IMPLICIT_KEY' || code === 'BAD_INDENT'
    ? 'yaml: mapping values are not allowed in this context'
    : `yaml: ${(code ?? 'empty document').toLowerCase().replaceAll('_', ' ')}`;
}

function unrecognized(kind: string, why: string, shown: string): Error {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; ${why} (${shown === '' ? '<empty>' : shown})`.replace(
      "couldn't get version/kind; yaml:",
      'yaml:',
    ),
  );
}

function excerpt(text: string): string {
  return text.length > 30 ? `${text.slice(0, 30)} ...` : text;
}
