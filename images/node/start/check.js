// What programs need of a node that was started from a snapshot: modules, arguments, the environment, TLS and HTTP, child
// processes, digests, names, an event loop.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { createSecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';

createSecureContext({});
const server = createServer((request, response) =>
  response.end(`${request.url} ${gunzipSync(gzipSync('z'))}`),
);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const heard = await new Promise((resolve, reject) => {
  get({ host: '127.0.0.1', port: server.address().port, path: '/x' }, (response) => {
    response.setEncoding('utf8').on('data', resolve);
  }).on('error', reject);
});
server.close();
server.closeAllConnections();
const { stdout } = await promisify(execFile)('/bin/echo', ['child']);
const { address } = await lookup('127.0.0.1');
const itself = await readFile(process.argv[1], 'utf8');
const digest = createHash('sha256').update('').digest('hex');
const right =
  heard === '/x z' &&
  stdout === 'child\n' &&
  address === '127.0.0.1' &&
  itself.startsWith('// What') &&
  digest.startsWith('e3b0c442') &&
  randomBytes(8).length === 8;
if (right) process.stdout.write(`${process.argv[2]} ${process.env.CHECK}\n`);
