import { notAcceptable } from '../../registry/index.ts';

/** How an answer is to be written. */
export interface Output {
  readonly encoding: 'json' | 'yaml';
  /** `Table` or `PartialObjectMetadata(List)`; undefined sends the object itself. */
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | undefined;
  /** apiVersion of the transformed form: `v1` or `v1beta1`. */
  readonly version: string;
}

export const PLAIN_JSON: Output = { encoding: 'json', as: undefined, version: 'v1' };

const MEDIA_TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const STREAM_TYPES = ', application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

const known = new Map<string, Output>();

/**
 * Chooses the first acceptable form of an `Accept` header. Protobuf is passed over: clients that ask for it name JSON
 * as second choice.
 * @param streams whether the resource can be watched, which the message of a refusal depends on
 * @throws StatusError 406
 */
export function negotiate(accept: string | undefined, streams: boolean): Output {
  if (accept === undefined || accept === '') return PLAIN_JSON;
  const cached = known.get(accept);
  if (cached) return cached;
  const output = choose(accept, streams);
  if (known.size < 256) known.set(accept, output);
  return output;
}

function choose(accept: string, streams: boolean): Output {
  const clauses = accept
    .split(',')
    .map(parseClause)
    .sort((a, b) => b.quality - a.quality);
  let transformRefused = false;
  for (const { type, parameters } of clauses) {
    const encoding = encodingOf(type);
    if (!encoding) continue;
    const as = parameters.get('as');
    if (as === undefined) return { encoding, as: undefined, version: 'v1' };
    const version = parameters.get('v') ?? '';
    if (
      (as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') &&
      parameters.get('g') === 'meta.k8s.io' &&
      (version === 'v1' || version === 'v1beta1')
    )
      return { encoding, as, version };
    transformRefused = true;
  }
  if (transformRefused) throw notAcceptable(`only the following media types are accepted: ${MEDIA_TYPES}`);
  throw notAcceptable(
    `406: Not Acceptable\n\nAvailable representations: ${MEDIA_TYPES}${streams ? STREAM_TYPES : ''}`,
    {},
  );
}

function encodingOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

interface Clause {
  readonly type: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

function parseClause(clause: string): Clause {
  const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals > 0) parameters.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const quality = Number(parameters.get('q') ?? 1);
  return { type: type.toLowerCase(), quality: Number.isNaN(quality) ? 1 : quality, parameters };
}
