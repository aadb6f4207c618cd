import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { socatArgv } from './carry.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';

/** The engine's side of a connection, as a socat in a container would use it. */
type Far = (socat: Socket) => void;

let tunnel: Tunnel | undefined;
let engine: Server | undefined;
let complaints: string[];

afterEach(async () => {
  await tunnel?.close();
  engine?.close();
});

/** Opens a tunnel whose socats are played by a function on a TCP connection, with the engine's framing. */
async function open(far: Far): Promise<number> {
  complaints = [];
  engine = createServer({ allowHalfOpen: true }, far).listen(0, '127.0.0.1');
  await once(engine, 'listening');
  const { port } = engine.address() as { port: number };
  const start = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  tunnel = await openTunnel(0, start, (message) => complaints.push(message));
  return tunnel.port;
}

function frame(stream: 1 | 2, content: string | Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(content), 4);
  return Buffer.concat([header, Buffer.from(content)]);
}

const client = (port: number) => connect({ port, host: '127.0.0.1', allowHalfOpen: true });

describe('a tunnel', () => {
  it("passes the client's half-close and the answer that comes after it", async () => {
    const port = await open((socat) => {
      let asked = '';
      socat.on('data', (bytes: Buffer) => {
        asked += bytes.toString();
      });
      socat.on('end', () => socat.end(frame(1, `got ${asked}`)));
    });
    const socket = client(port);
    socket.end('all of it');
    expect((await buffer(socket)).toString()).toBe('got all of it');
  });

  it("passes the server's FIN, with what socat still has to say before it", async () => {
    const port = await open((socat) => {
      socat.write(frame(2, '2026/01/31 12:00:00 socat[7] N socket 2 (fd 5) is at'));
      socat.write(frame(2, ' EOF\n'));
      // socat exits when its stdin has ended, too.
      socat.resume().on('end', () => socat.end(frame(1, 'bye')));
    });
    const socket = client(port);
    socket.write('hello');
    expect((await buffer(socket)).toString()).toBe('bye');
    socket.destroy();
  });

  it('does not read faster than the client does', async () => {
    let sent = 0;
    let blocked: () => void;
    const waiting = new Promise<void>((resolve) => {
      blocked = resolve;
    });
    const TOTAL = 64 << 20;
    const port = await open((socat) => {
      const piece = frame(1, Buffer.alloc(1 << 16));
      const fill = () => {
        while (sent < TOTAL) {
          sent += 1 << 16;
          if (!socat.write(piece)) {
            blocked();
            socat.once('drain', fill);
            return;
          }
        }
        socat.end();
      };
      fill();
    });
    const socket = client(port).pause();
    await waiting;
    // Everything between the two ends is full when nothing more goes out.
    for (let before = -1; before !== sent; ) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(sent).toBeLessThan(TOTAL / 2);
    let received = 0;
    for await (const piece of socket) received += (piece as Buffer).length;
    expect(received).toBe(TOTAL);
    socket.destroy();
  });

  it('carries many connections at once', async () => {
    const port = await open((socat) => {
      socat.on('data', (bytes) => socat.write(frame(1, bytes)));
      socat.on('end', () => socat.end());
    });
    const echoes = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const socket = client(port);
        socket.end(`connection ${index}`);
        return (await buffer(socket)).toString();
      }),
    );
    expect(echoes).toEqual(Array.from({ length: 200 }, (_, index) => `connection ${index}`));
  });

  it('hangs up when socat fails, and says why once', async () => {
    const error = 'E connect(5, AF=2 10.1.110.28:6443, 16): Connection refused';
    const port = await open((socat) => socat.end(frame(2, `2026/01/31 12:00:00 socat[7] ${error}\n`)));
    for (let attempt = 0; attempt < 2; attempt++) {
      const socket = client(port);
      expect((await buffer(socket)).toString()).toBe('');
      socket.destroy();
    }
    expect(complaints).toEqual([error.slice(2)]);
  });

  it('hangs up when there is no socat', async () => {
    complaints = [];
    tunnel = await openTunnel(
      0,
      () => Promise.reject(new Error('container is stopped')),
      (message) => complaints.push(message),
    );
    const socket = client(tunnel.port);
    await once(socket.resume(), 'end');
    socket.destroy();
    expect(complaints).toEqual(['container is stopped']);
  });

  it('says that a port is taken', async () => {
    const port = await open(() => {});
    await expect(
      openTunnel(
        port,
        () => Promise.reject(new Error()),
        () => {},
      ),
    ).rejects.toMatchObject({
      code: 'E_PORT',
    });
  });
});

it('socat waits for the answer after the half-close', () => {
  expect(socatArgv('10.1.110.28', 6443).join(' ')).toBe('socat -d -d -t 600 - TCP:10.1.110.28:6443,nodelay');
});
