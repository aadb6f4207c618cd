import { connect } from 'node:net';

// Runs in a pod's network, by the node's own node: `node - ADDRESS PORT REQUESTS AT_ONCE SECONDS`. Each request has a
// connection of its own, because a service costs something only at a connection's beginning. Prints requests per second.
const [address = '', port = '80', requests = '1000', atOnce = '8', seconds = '10'] = process.argv.slice(2);
const REQUEST = `GET / HTTP/1.1\r\nHost: ${address}\r\nConnection: close\r\n\r\n`;

const deadline = performance.now() + Number(seconds) * 1000;
let left = Number(requests);
let done = 0;

/** One request on a connection of its own; resolves when the server has closed it. */
function ask(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), address, () => socket.write(REQUEST));
    let first: string | undefined;
    socket.on('data', (chunk: Buffer) => {
      first ??= chunk.toString('latin1', 0, 12);
    });
    socket.setTimeout(5_000, () => socket.destroy(new Error(`${address}: no answer within 5 s`)));
    socket.on('error', reject);
    socket.on('close', (failed) => {
      if (failed) return;
      if (first === 'HTTP/1.1 200') resolve();
      else reject(new Error(`${address}: answered ${first ?? 'nothing'}`));
    });
  });
}

async function worker(): Promise<void> {
  while (left > 0 && performance.now() < deadline) {
    left -= 1;
    await ask();
    done += 1;
  }
}

const started = performance.now();
await Promise.all(Array.from({ length: Number(atOnce) }, worker));
process.stdout.write(`${done / ((performance.now() - started) / 1000)}\n`);
