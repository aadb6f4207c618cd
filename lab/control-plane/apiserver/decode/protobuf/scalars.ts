import { ProtobufError, VARINT, WireReader } from './wire.ts';

/**
 * Reads one value whose JSON is not that of a message: numbers, texts, and the types of apimachinery that have a JSON
 * form of their own (Time, MicroTime, Quantity, IntOrString, RawExtension).
 * @param type its letter in the table
 * @returns undefined for a time that is not set
 * @throws ProtobufError
 */
export function scalarOf(reader: WireReader, type: string): unknown {
  switch (type) {
    case 'i':
      return reader.integer();
    case 'b':
      return reader.integer() !== 0;
    case 's':
      return reader.bytes().toString();
    case 'y':
      return reader.bytes().toString('base64');
    case 't':
      return timeOf(reader.bytes(), 0);
    case 'u':
      return timeOf(reader.bytes(), 6);
    case 'q':
      return fieldsOf(reader.bytes()).texts.get(1) ?? '0';
    case 'x':
      return intOrString(reader.bytes());
    case 'r':
      return rawExtension(reader.bytes());
    default:
      throw new Error(`the table of messages has a type ${type}`);
  }
}

/** The value of a map's entry that has none. */
export function zeroOf(type: string): unknown {
  if (type === 'i' || type === 'x') return 0;
  if (type === 'b') return false;
  return type === 'q' ? '0' : '';
}

/** IntOrString { type = 1 (0: int, 1: string), intVal = 2, strVal = 3 }. */
function intOrString(bytes: Buffer): number | string {
  const { numbers, texts } = fieldsOf(bytes);
  return numbers.get(1) === 1 ? (texts.get(3) ?? '') : (numbers.get(2) ?? 0);
}

/** The largest second that RFC 3339's four digits of a year can hold. */
const MAX_SECONDS = 253_402_300_799;
const MIN_SECONDS = -62_135_596_800;

/** Timestamp { seconds = 1, nanos = 2 }; an empty one is a time that is not set. */
function timeOf(bytes: Buffer, digits: number): string | undefined {
  if (bytes.length === 0) return undefined;
  const { numbers } = fieldsOf(bytes);
  const seconds = numbers.get(1) ?? 0;
  if (seconds > MAX_SECONDS || seconds < MIN_SECONDS)
    throw new ProtobufError('Time.MarshalJSON: year outside of range [0,9999]');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (digits === 0) return `${whole}Z`;
  const fraction = String(Math.max(0, numbers.get(2) ?? 0)).padStart(9, '0');
  return `${whole}.${fraction.slice(0, digits)}Z`;
}

/** RawExtension { raw = 1 }: JSON inside of protobuf, as a ControllerRevision's data is. */
function rawExtension(bytes: Buffer): unknown {
  const text = fieldsOf(bytes).texts.get(1) ?? 'null';
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtobufError('RawExtension: only JSON is understood');
  }
}

/** The fields of a small message by number. */
function fieldsOf(bytes: Buffer): {
  readonly numbers: ReadonlyMap<number, number>;
  readonly texts: ReadonlyMap<number, string>;
} {
  const reader = new WireReader(bytes);
  const numbers = new Map<number, number>();
  const texts = new Map<number, string>();
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (wire === VARINT) numbers.set(field, reader.integer());
    else if (wire === 2) texts.set(field, reader.bytes().toString());
    else reader.skip(wire);
  }
  return { numbers, texts };
}
