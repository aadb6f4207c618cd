/** Bytes that are no message, in the words of gogo/protobuf's generated code. */
export class ProtobufError extends Error {}

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/** Reads the wire format of one message (protobuf.dev, "Encoding"); every length is checked against what is there. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** @throws ProtobufError */
  tag(): { readonly field: number; readonly wire: number } {
    const tag = this.#varint();
    const field = Number(BigInt.asIntN(32, tag >> 3n));
    const wire = Number(tag & 7n);
    if (wire === END_GROUP) throw new ProtobufError('proto: wiretype end group for non-group');
    if (field <= 0) throw new ProtobufError(`proto: illegal tag ${field} (wire type ${Number(tag)})`);
    return { field, wire };
  }

  /** A signed integer; numbers beyond 2^53 lose their last digits, as in any JSON of JavaScript. */
  integer(): number {
    return Number(BigInt.asIntN(64, this.#varint()));
  }

  bytes(): Buffer {
    const length = Number(BigInt.asIntN(64, this.#varint()));
    if (length < 0) throw new ProtobufError('proto: negative length found during unmarshaling');
    return this.#take(length);
  }

  /** Passes over a field that is not known. */
  skip(wire: number): void {
    switch (wire) {
      case VARINT:
        this.#varint();
        return;
      case FIXED64:
        this.#take(8);
        return;
      case BYTES:
        this.bytes();
        return;
      case FIXED32:
        this.#take(4);
        return;
      case START_GROUP:
        // proto2's groups are not used by Kubernetes; a nest of them would only cost time.
        throw new ProtobufError('proto: groups are not supported');
      default:
        throw new ProtobufError(`proto: illegal wireType ${wire}`);
    }
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new ProtobufError('unexpected EOF');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new ProtobufError('unexpected EOF');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('proto: integer overflow');
  }
}
