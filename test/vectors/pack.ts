import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { brotliCompressSync, constants } from 'node:zlib';

// tsx test/vectors/pack.ts FOLDER: writes api-1.31/vectors.jsonl.br from a folder of NAME.cmd, NAME.out, NAME.json, NAME.err.
const source = argv[2];
if (source === undefined) throw new Error('usage: tsx test/vectors/pack.ts FOLDER');

const names = readdirSync(source, { recursive: true, encoding: 'utf8' }).sort();
const texts = new Map(
  names
    .filter((name) => /\.(cmd|out|json|err|yaml|txt)$/.test(name))
    .map((name) => [name, readFileSync(join(source, name), 'utf8')]),
);
const exchanges = names
  .filter((name) => name.endsWith('.cmd'))
  .map((name) => exchange(name.slice(0, -'.cmd'.length)))
  .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
  .map(({ line }) => line);
const files = [...texts]
  .filter(([name]) => name.startsWith('manifests/') || name.endsWith('.txt'))
  .map(([file, text]) => ({ file, text }));
const lines = [...exchanges, ...files].map((line) => `${JSON.stringify(line)}\n`).join('');
const packed = brotliCompressSync(lines, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
});
writeFileSync(new URL('./api-1.31/vectors.jsonl.br', import.meta.url), packed);

function exchange(name: string): { order: string; line: object } {
  const cmd = texts.get(`${name}.cmd`) ?? '';
  const out = texts.get(`${name}.out`) ?? '';
  const json = texts.get(`${name}.json`);
  const err = texts.get(`${name}.err`);
  const order = `${/^# group: (.*)$/m.exec(cmd)?.[1]} ${/^# at: (.*)$/m.exec(cmd)?.[1]} ${name}`;
  // An HTTP answer ends with its body: keep only the length.
  const body =
    json === undefined ? {} : json !== '' && out.endsWith(json) ? { bodyLength: json.length } : { json };
  return { order, line: { name, cmd, out, ...body, ...(err !== undefined && { err }) } };
}
