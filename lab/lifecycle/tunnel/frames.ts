import { Transform, type TransformCallback } from 'node:stream';

/** Stream numbers of the frames of `docker attach`: 0 stdin, 1 stdout, 2 stderr. */
const STDERR = 2;
/** A stream number, three zero bytes, and the payload's length, 32 bits, big endian. */
const HEADER = 8;

/**
 * Takes the engine's framing off a command's output (Docker Engine API, "Stream format"): stdout passes, with
 * back-pressure; stderr goes to a function as it comes.
 *
 * @param onStderr receives pieces, not lines
 */
export class Unframe extends Transform {
  readonly #onStderr: (piece: Buffer) => void;
  #header = Buffer.alloc(0);
  #stream = 0;
  #left = 0;

  constructor(onStderr: (piece: Buffer) => void) {
    super();
    this.#onStderr = onStderr;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#left > 0 ? this.#payload(rest) : this.#frame(rest);
    done();
  }

  #payload(bytes: Buffer): Buffer {
    const piece = bytes.subarray(0, this.#left);
    this.#left -= piece.length;
    if (this.#stream === STDERR) this.#onStderr(piece);
    else this.push(piece);
    return bytes.subarray(piece.length);
  }

  #frame(bytes: Buffer): Buffer {
    const missing = HEADER - this.#header.length;
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, missing)]);
    if (this.#header.length === HEADER) {
      this.#stream = this.#header.readUInt8(0);
      this.#left = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return bytes.subarray(missing);
  }
}
