import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandRunner, runFailure } from './command-runner.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-runner-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A runner in the C program's place that gathers two requests and answers the second first, with the code of its number. */
const BACKWARDS = `#!${process.execPath}
let heard = Buffer.alloc(0);
process.stdin.on('data', (bytes) => {
  heard = Buffer.concat([heard, bytes]);
  const first = heard.length < 4 ? 0 : 4 + heard.readUInt32LE(0);
  if (first === 0 || heard.length < first + 8) return;
  for (const id of [heard.readUInt32LE(first + 4), heard.readUInt32LE(4)]) {
    const answer = Buffer.alloc(20);
    answer.writeUInt32LE(16, 0);
    answer.writeUInt32LE(id, 4);
    answer.writeUInt32LE(id, 8);
    process.stdout.write(answer);
  }
});
`;

describe('CommandRunner', () => {
  test('an answer goes to whoever asked, in whatever order they come', async () => {
    const program = join(folder, 'backwards');
    await writeFile(program, BACKWARDS);
    await chmod(program, 0o755);
    const runner = new CommandRunner(program);
    const order: number[] = [];
    const ask = async () => {
      const { code } = await runner.run({ argv: ['x'], timeout: 1000 });
      order.push(code);
      return code;
    };
    expect(await Promise.all([ask(), ask()])).toEqual([1, 2]);
    expect(order).toEqual([2, 1]);
  });

  test('a runner that ends answers what is open, and is used no more', async () => {
    const runner = new CommandRunner('/bin/true');
    const answer = await runner.run({ argv: ['x'], timeout: 1000 });
    expect(answer).toEqual({ code: 128, signal: 0, stdout: '', stderr: 'command-runner has ended' });
    expect(runner.alive).toBe(false);
  });
});

test('runFailure names what Node.js names', () => {
  const answer = { stdout: '', stderr: '' };
  expect(runFailure('x', { ...answer, code: -2, signal: 0 })).toBe('spawn x ENOENT');
  expect(runFailure('x', { ...answer, code: 128, signal: 9 })).toBe('killed by SIGKILL');
  expect(runFailure('x', { ...answer, code: 1, signal: 0 })).toBe('');
});
