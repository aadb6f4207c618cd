import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { DICTIONARY } from './dictionary.ts';

/** Name/value blocks, section 2.6.10: counts and lengths of 32 bits. */
export function parseHeaders(block: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  const number = () => {
    const value = block.readUInt32BE(at);
    at += 4;
    return value;
  };
  const text = () => {
    const length = number();
    if (at + length > block.length) throw new Error('SPDY header block is too short');
    at += length;
    return block.toString('utf8', at - length, at);
  };
  for (let left = number(); left > 0; left -= 1) {
    const name = text();
    headers.set(name.toLowerCase(), text());
  }
  return headers;
}

export function renderHeaders(headers: ReadonlyMap<string, string>): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const words = [...headers].flat().map((word) => Buffer.from(word));
  return Buffer.concat([number(headers.size), ...words.flatMap((word) => [number(word.length), word])]);
}

/** Feeds a zlib stream, whose state lives as long as the connection. @returns what came out of this piece */
function through(stream: Inflate | Deflate, input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer) => chunks.push(chunk);
    stream.on('data', take);
    stream.once('error', reject);
    stream.write(input);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off('data', take);
      stream.off('error', reject);
      resolve(Buffer.concat(chunks));
    });
  });
}

/** Compression of header blocks: one state for each direction of a connection. */
export class HeaderCodec {
  readonly #inflate = createInflate({ dictionary: DICTIONARY });
  readonly #deflate = createDeflate({ dictionary: DICTIONARY });

  async decode(block: Buffer): Promise<Map<string, string>> {
    return parseHeaders(await through(this.#inflate, block));
  }

  encode(headers: ReadonlyMap<string, string>): Promise<Buffer> {
    return through(this.#deflate, renderHeaders(headers));
  }

  close(): void {
    this.#inflate.close();
    this.#deflate.close();
  }
}
