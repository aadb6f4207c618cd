import { stringify } from 'yaml';
import type { KubeObject, ServedKind } from '../../registry/index.ts';
import type { Entry } from '../../store/index.ts';
import { type Answer, jsonAnswer, piecesAnswer } from './answer.ts';
import type { Output } from './negotiate.ts';
import { type IncludeObject, partialOf, tableOf } from './table.ts';

export interface EncodeOptions {
  readonly output: Output;
  readonly include: IncludeObject;
  readonly now: Date;
}

/** `metadata` of a list. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** An object as one version of the API shows it. */
export function shown(entry: Entry, served: ServedKind): KubeObject {
  return served.conversion ? served.conversion.fromStorage(entry.copy()) : entry.object;
}

/** Answers with a stored object in the form asked for. */
export function encodeEntry(entry: Entry, served: ServedKind, options: EncodeOptions, code = 200): Answer {
  const { output } = options;
  if (output.as === undefined && output.encoding === 'json' && !served.conversion)
    return piecesAnswer(entry.json(), code);
  return encodeObject(shown(entry, served), served, options, code);
}

/** Answers with an object that is not, or not like this, in the store. */
export function encodeObject(
  object: KubeObject,
  served: ServedKind,
  { output, include, now }: EncodeOptions,
  code = 200,
): Answer {
  if (output.as === 'Table') {
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    const options = { version: output.version, include, headers: true, now };
    return encodeValue(tableOf(served.kind, [stored(object, served)], metadata, options), output, code);
  }
  if (output.as === 'PartialObjectMetadata')
    return encodeValue(partialOf(object, output.version), output, code);
  const { kind, apiVersion, metadata, ...rest } = object;
  return encodeValue({ kind, apiVersion, metadata, ...rest }, output, code);
}

/** Columns are made for the storage version. */
function stored(object: KubeObject, served: ServedKind): KubeObject {
  return served.conversion ? served.conversion.toStorage(structuredClone(object)) : object;
}

/** Answers with a list in the form asked for. */
export function encodeList(
  entries: readonly Entry[],
  meta: ListMeta,
  served: ServedKind,
  { output, include, now }: EncodeOptions,
): Answer {
  if (output.as === 'Table') {
    const options = { version: output.version, include, headers: true, now };
    const objects = entries.map((entry) => entry.object);
    return encodeValue(tableOf(served.kind, objects, meta, options), output);
  }
  if (output.as !== undefined) {
    const items = entries.map((entry) => partialOf(entry.object, output.version));
    const list = {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${output.version}`,
      metadata: meta,
      items,
    };
    return encodeValue(list, output);
  }
  const head = { kind: `${served.kind.kind}List`, apiVersion: served.apiVersion, metadata: meta };
  if (output.encoding === 'json' && !served.conversion) return piecesAnswer(listPieces(head, entries));
  const items = entries.map((entry) => {
    const { kind: _kind, apiVersion: _version, ...item } = shown(entry, served);
    return item;
  });
  return encodeValue({ ...head, items }, output);
}

const COMMA = Buffer.from(',');
const END = Buffer.from(']}');

function listPieces(head: unknown, entries: readonly Entry[]): readonly Buffer[] {
  const opening = JSON.stringify(head);
  const pieces: Buffer[] = [Buffer.from(`${opening.slice(0, -1)},"items":[`)];
  for (const [index, entry] of entries.entries()) {
    if (index > 0) pieces.push(COMMA);
    pieces.push(entry.body);
  }
  pieces.push(END);
  return pieces;
}

/** As sigs.k8s.io/yaml writes: YAML 1.1, so that times and `yes` are quoted. */
const YAML_OPTIONS = { version: '1.1', sortMapEntries: true, lineWidth: 0, indentSeq: false } as const;

export function encodeValue(value: unknown, output: Output, code = 200): Answer {
  if (output.encoding === 'json') return jsonAnswer(value, code);
  // Through JSON, so that undefined fields disappear; sorted, as sigs.k8s.io/yaml writes them.
  const text = stringify(JSON.parse(JSON.stringify(value)), YAML_OPTIONS);
  return { code, contentType: 'application/yaml', body: [Buffer.from(text)] };
}
