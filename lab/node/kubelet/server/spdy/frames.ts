/** Control frame types of SPDY/3.1, section 2.6. */
export const SYN_STREAM = 1;
export const SYN_REPLY = 2;
export const RST_STREAM = 3;
export const PING = 6;
export const GOAWAY = 7;

/** The sender will send nothing more on the stream. */
export const FLAG_FIN = 1;

export type Frame =
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly body: Buffer }
  | { readonly kind: 'data'; readonly stream: number; readonly flags: number; readonly body: Buffer };

const HEADER = 8;
const VERSION = 3;
/** No frame of a port-forward is nearly as long; spdystream sends 32 KB at most. */
const MAX_FRAME = 1 << 22;

/** Cuts a byte stream into frames, whatever pieces it comes in. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns the frames that are complete now. @throws Error for what is not SPDY */
  push(chunk: Buffer): Frame[] {
    let at = 0;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    while (bytes.length - at >= HEADER) {
      const length = bytes.readUIntBE(at + 5, 3);
      if (length > MAX_FRAME) throw new Error(`SPDY frame of ${length} bytes`);
      if (bytes.length - at < HEADER + length) break;
      const first = bytes.readUInt32BE(at);
      const flags = bytes[at + 4] as number;
      const body = bytes.subarray(at + HEADER, at + HEADER + length);
      if (first >>> 31 === 0) frames.push({ kind: 'data', stream: first, flags, body });
      else if (((first >>> 16) & 0x7fff) !== VERSION) throw new Error('not SPDY/3.1');
      else frames.push({ kind: 'control', type: first & 0xffff, flags, body });
      at += HEADER + length;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

export function controlFrame(type: number, flags: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(((0x8000 | VERSION) * 0x10000 + type) >>> 0);
  header[4] = flags;
  header.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([header, body]);
}

export function dataFrame(stream: number, flags: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(stream);
  header[4] = flags;
  header.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([header, body]);
}
