import {
  controlFrame,
  dataFrame,
  FLAG_FIN,
  type Frame,
  FrameReader,
  GOAWAY,
  PING,
  RST_STREAM,
  SYN_REPLY,
  SYN_STREAM,
} from './frames.ts';
import { HeaderCodec } from './headers.ts';

export interface SpdyStream {
  readonly id: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Sends data. */
  write(data: Buffer): void;
  /** Nothing more will be sent. */
  end(): void;
  onData: (data: Buffer) => void;
  /** The client will send nothing more. */
  onEnd: () => void;
  /** The client has given the stream up. */
  onReset: () => void;
}

const CANCEL = 5;
/** Longest data frame that is sent. */
const MAX_DATA = 32 * 1024;

/**
 * The server's end of a SPDY/3.1 connection (draft-mbelshe-httpbis-spdy-00 with the changes of 3.1), as far as
 * `kubectl port-forward` speaks it: streams that the client opens. Flow control is left to TCP below, as in
 * github.com/moby/spdystream, which kubectl uses.
 */
export class SpdyConnection {
  readonly #send: (bytes: Buffer) => void;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #reader = new FrameReader();
  readonly #codec = new HeaderCodec();
  readonly #streams = new Map<number, SpdyStream>();
  #tail: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(send: (bytes: Buffer) => void, onStream: (stream: SpdyStream) => void) {
    this.#send = send;
    this.#onStream = onStream;
  }

  /** Takes bytes of the client. @param onError called once when they are not SPDY */
  receive(bytes: Buffer, onError: (error: Error) => void): void {
    // One after the other: header blocks have to be decompressed in order.
    this.#tail = this.#tail
      .then(async () => {
        if (this.#closed) return;
        for (const frame of this.#reader.push(bytes)) await this.#take(frame);
      })
      .catch((error: Error) => {
        if (this.#closed) return;
        this.close();
        onError(error);
      });
  }

  /** The connection has ended: all streams are given up. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stream of this.#streams.values()) stream.onReset();
    this.#streams.clear();
    this.#codec.close();
  }

  async #take(frame: Frame): Promise<void> {
    if (frame.kind === 'data') {
      const stream = this.#streams.get(frame.stream);
      if (stream === undefined) return;
      if (frame.body.length > 0) stream.onData(frame.body);
      if (frame.flags & FLAG_FIN) stream.onEnd();
      return;
    }
    const { type, flags, body } = frame;
    if (type === SYN_STREAM) await this.#open(body, flags);
    else if (type === RST_STREAM) {
      const id = body.readUInt32BE(0) & 0x7fffffff;
      this.#streams.get(id)?.onReset();
      this.#streams.delete(id);
    } else if (type === PING && body.readUInt32BE(0) % 2 === 1) this.#out(controlFrame(PING, 0, body));
    else if (type === GOAWAY) this.close();
  }

  async #open(body: Buffer, flags: number): Promise<void> {
    const id = body.readUInt32BE(0) & 0x7fffffff;
    const headers = await this.#codec.decode(body.subarray(10));
    const number = Buffer.alloc(4);
    number.writeUInt32BE(id);
    const block = await this.#codec.encode(new Map());
    this.#out(controlFrame(SYN_REPLY, 0, Buffer.concat([number, block])));
    let ended = false;
    const stream: SpdyStream = {
      id,
      headers,
      write: (data) => {
        for (let at = 0; at < data.length; at += MAX_DATA) {
          if (!ended) this.#out(dataFrame(id, 0, data.subarray(at, at + MAX_DATA)));
        }
      },
      end: () => {
        if (!ended) this.#out(dataFrame(id, FLAG_FIN, Buffer.alloc(0)));
        ended = true;
      },
      onData: () => {},
      onEnd: () => {},
      onReset: () => {},
    };
    this.#streams.set(id, stream);
    this.#onStream(stream);
    if (flags & FLAG_FIN) stream.onEnd();
  }

  /** Gives a stream up. */
  reset(id: number): void {
    const body = Buffer.alloc(8);
    body.writeUInt32BE(id);
    body.writeUInt32BE(CANCEL, 4);
    this.#out(controlFrame(RST_STREAM, 0, body));
    this.#streams.delete(id);
  }

  #out(bytes: Buffer): void {
    if (!this.#closed) this.#send(bytes);
  }
}
