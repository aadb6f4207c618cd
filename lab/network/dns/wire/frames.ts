/** Puts a message's length in front of it, as it goes over TCP (RFC 1035 §4.2.2). */
export function frame(message: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(message.length + 2);
  framed.writeUInt16BE(message.length, 0);
  message.copy(framed, 2);
  return framed;
}

/** Finds the messages in a stream of bytes, however they are cut. Holds at most one message's bytes back. */
export class FrameReader {
  // Chunks are put together only when a message is whole: byte by byte would copy each many times.
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted = 2;

  /** Whether part of a message has come, and the rest has not. */
  get isWaiting(): boolean {
    return this.#size > 0;
  }

  /** @returns the messages that are complete now, in order */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const messages: Buffer[] = [];
    if (this.#size < this.#wanted) return messages;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#wanted = 2;
    while (at + 2 <= bytes.length) {
      const end = at + 2 + bytes.readUInt16BE(at);
      if (end > bytes.length) {
        this.#wanted = end - at;
        break;
      }
      messages.push(bytes.subarray(at + 2, end));
      at = end;
    }
    // A copy, so that a few bytes do not keep the whole chunk.
    this.#chunks = at === bytes.length ? [] : [Buffer.from(bytes.subarray(at))];
    this.#size = bytes.length - at;
    return messages;
  }
}
