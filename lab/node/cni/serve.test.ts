import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseRequestBytes, serve } from './serve.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoplab-cni-serve-'));
  path = join(folder, 'socket');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function ask(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect({ path, allowHalfOpen: true }, () => socket.end(text));
    socket.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    socket.on('end', () => resolve(said)).on('error', reject);
  });
}

test('a request is its variables and its input', () => {
  const bytes = Buffer.from('CNI_COMMAND=ADD\0CNI_ARGS=A=1;B=2\0\0{"a":"é"}');
  expect(parseRequestBytes(bytes)).toEqual({
    env: { CNI_COMMAND: 'ADD', CNI_ARGS: 'A=1;B=2' },
    stdin: '{"a":"é"}',
  });
  expect(() => parseRequestBytes(Buffer.from('CNI_COMMAND=ADD\0{}'))).toThrow('cut short');
});

test('many requests at once are answered, and then it ends and takes its name along', async () => {
  const ended = serve(
    { path },
    path,
    async (env, stdin) => {
      if (stdin === 'fail') throw new Error('no');
      return { exitCode: env.CNI_COMMAND === 'DEL' ? 0 : 1, stdout: env.CNI_COMMAND === 'DEL' ? '' : stdin };
    },
    100,
  );
  const answers = await Promise.all([
    ask('CNI_COMMAND=ADD\0\0{"x":1}'),
    ask('CNI_COMMAND=DEL\0\0{}'),
    ask('CNI_COMMAND=ADD\0\0fail').catch(() => ''),
    ask('nonsense').catch(() => ''),
  ]);
  expect(answers).toEqual(['1{"x":1}\n', '0', '', '']);
  await ended;
  expect(existsSync(path)).toBe(false);
});

test('nobody ever came', async () => {
  await serve({ path }, path, async () => ({ exitCode: 0, stdout: '' }), 20);
  expect(existsSync(path)).toBe(false);
});
