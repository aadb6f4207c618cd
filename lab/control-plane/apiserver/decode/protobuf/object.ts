import { define } from '../../patch/merge.ts';
import { type Field, messageOf } from './messages.ts';
import { scalarOf, zeroOf } from './scalars.ts';
import { BYTES, ProtobufError, VARINT, WireReader } from './wire.ts';

type Json = Record<string, unknown>;

/**
 * A message as the JSON that Go would write of it: unknown fields are dropped, and so are zero values of fields that Go
 * leaves out, since protobuf of Kubernetes' types always carries them.
 * @param name a message of the table
 * @throws ProtobufError for bytes that are no such message
 */
export function decodeMessage(bytes: Buffer, name: string): Json {
  const object: Json = {};
  readInto(object, bytes, name);
  return object;
}

function readInto(object: Json, bytes: Buffer, name: string): void {
  const message = messageOf(name);
  if (!message) throw new Error(`the table of messages has no ${name}`);
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const { field: number, wire } = reader.tag();
    const field = message.get(number);
    if (field) readField(object, field, wire, reader);
    else reader.skip(wire);
  }
}

function readField(object: Json, field: Field, wire: number, reader: WireReader): void {
  const { name, type, shape } = field;
  if (shape === 'map') {
    checkWire(wire, BYTES, name);
    object[name] ??= {};
    readEntry(object[name] as Json, type, reader.bytes());
    return;
  }
  const isVarint = type === 'i' || type === 'b';
  if (shape === 'list') {
    object[name] ??= [];
    const items = object[name] as unknown[];
    if (isVarint && wire === BYTES) {
      // Packed: the numbers of the list as one field.
      const packed = new WireReader(reader.bytes());
      while (!packed.done) items.push(scalarOf(packed, type));
      return;
    }
    checkWire(wire, isVarint ? VARINT : BYTES, name);
    items.push(itemOf(reader, type));
    return;
  }
  checkWire(wire, isVarint ? VARINT : BYTES, name);
  if (name === '.') {
    readInto(object, reader.bytes(), type);
    return;
  }
  if (messageOf(type)) {
    // A message that comes twice is one message: fields of the second are added to the first (protobuf.dev, "Last one wins").
    const earlier = object[name];
    const target = typeof earlier === 'object' && earlier !== null && !Array.isArray(earlier) ? earlier : {};
    const value = readMessage(target as Json, reader.bytes(), type);
    object[name] = value;
    return;
  }
  const value = scalarOf(reader, type);
  if (value === undefined || (!field.keepsZero && isZero(value))) delete object[name];
  else object[name] = value;
}

/** One entry of a map: a message of key (1) and value (2). */
function readEntry(entries: Json, type: string, bytes: Buffer): void {
  const reader = new WireReader(bytes);
  let key = '';
  let value: unknown;
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 || field === 2) checkWire(wire, BYTES, field === 1 ? 'key' : 'value');
    if (field === 1) key = reader.bytes().toString();
    else if (field === 2) value = itemOf(reader, type);
    else reader.skip(wire);
  }
  define(entries, key, value ?? (messageOf(type) ? {} : zeroOf(type)));
}

function itemOf(reader: WireReader, type: string): unknown {
  if (!messageOf(type)) return scalarOf(reader, type) ?? null;
  return readMessage({}, reader.bytes(), type);
}

function readMessage(target: Json, bytes: Buffer, type: string): unknown {
  readInto(target, bytes, type);
  // A named list of Go is a message with the list as its only field.
  return messageOf(type)?.get(1)?.name === '@' ? (target['@'] ?? []) : target;
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

function checkWire(wire: number, wanted: number, name: string): void {
  if (wire !== wanted) throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${name}`);
}
