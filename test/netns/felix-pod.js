// Stands in a pod's network namespace: listens on the ports it is given, and tries connections it is told of on stdin
// (one JSON line each), answering whether they came about.
import { createConnection, createServer } from 'node:net';
import { createInterface } from 'node:readline';

await Promise.all(
  process.argv.slice(2).map(
    (port) =>
      new Promise((resolve, reject) => {
        createServer((socket) => socket.on('error', () => {}).end())
          .on('error', reject)
          .listen(Number(port), resolve);
      }),
  ),
);
console.log('ready');

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, host, port, timeout, localAddress } = JSON.parse(line);
  const socket = createConnection({ host, port, localAddress });
  const timer = setTimeout(() => done(false), timeout);
  const done = (reached) => {
    clearTimeout(timer);
    socket.destroy();
    console.log(JSON.stringify({ id, reached }));
  };
  socket.on('connect', () => done(true)).on('error', () => done(false));
});
