import { messageOf } from './messages.ts';
import { decodeMessage } from './object.ts';
import { BYTES, ProtobufError, WireReader } from './wire.ts';

export { ProtobufError } from './wire.ts';

/** What Kubernetes' protobuf bodies begin with (apimachinery runtime/serializer/protobuf). */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** What a body says it is, and its bytes. */
interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
}

/**
 * Decodes `application/vnd.kubernetes.protobuf`: the magic, then a runtime.Unknown { typeMeta = 1, raw = 2, contentEncoding
 * = 3, contentType = 4 } whose raw is the object.
 * @returns the object as JSON would have brought it; undefined for a kind that has no protobuf form (custom resources)
 * @throws ProtobufError for bytes that are no such body
 */
export function decodeProtobuf(body: Buffer): Record<string, unknown> | undefined {
  const { apiVersion, kind, raw } = envelopeOf(body);
  const name = messageName(apiVersion, kind);
  if (!messageOf(name)) return undefined;
  return { kind, apiVersion, ...decodeMessage(raw, name) };
}

/** `networking.v1.Ingress` of `networking.k8s.io/v1` and `Ingress`. */
function messageName(apiVersion: string, kind: string): string {
  // Every group has its own alias of the options of a deletion.
  if (kind === 'DeleteOptions') return 'meta.v1.DeleteOptions';
  const [group = '', version] = apiVersion.split('/');
  return version === undefined ? `core.${group}.${kind}` : `${group.split('.')[0]}.${version}.${kind}`;
}

function envelopeOf(body: Buffer): Envelope {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw new ProtobufError(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  const reader = new WireReader(body.subarray(MAGIC.length));
  let raw: Buffer = Buffer.alloc(0);
  let [apiVersion, kind] = ['', ''];
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (wire !== BYTES) reader.skip(wire);
    else if (field === 1) [apiVersion, kind] = typeMeta(reader.bytes());
    else if (field === 2) raw = reader.bytes();
    else reader.skip(wire);
  }
  return { apiVersion, kind, raw };
}

/** TypeMeta { apiVersion = 1, kind = 2 } */
function typeMeta(bytes: Buffer): [string, string] {
  const reader = new WireReader(bytes);
  const texts = ['', '', ''];
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (wire === BYTES && field <= 2) texts[field] = reader.bytes().toString();
    else reader.skip(wire);
  }
  return [texts[1] ?? '', texts[2] ?? ''];
}
