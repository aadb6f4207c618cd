// A bit of everything that node does in the library that was just changed: TLS, compression, threads, big numbers, ICU.
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';

const text = 'ok'.repeat(1000);
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
createSecureContext({});
const [code] = await new Promise((resolve) => {
  new Worker('process.exit(7)', { eval: true }).on('exit', (...result) => resolve(result));
});
const right =
  code === 7 &&
  gunzipSync(gzipSync(text)).toString() === text &&
  brotliDecompressSync(brotliCompressSync(text)).toString() === text &&
  verify('sha256', Buffer.from(text), publicKey, sign('sha256', Buffer.from(text), privateKey)) &&
  createHash('sha256').update('').digest('hex').startsWith('e3b0c442') &&
  (2n ** 64n).toString() === '18446744073709551616' &&
  new Intl.NumberFormat('de').format(1234.5) === '1.234,5' &&
  /^\p{L}+$/u.test('été');
process.stdout.write(right ? 'ok' : 'wrong');
