import { expect, it } from 'vitest';
import { Unframe } from './frames.ts';

const frame = (stream: number, text: string) => {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};
const BYTES = Buffer.concat([frame(1, 'one '), frame(2, 'oops'), frame(1, ''), frame(1, 'two')]);

it.each([1, 3, 7, 8, 9, 100])('reads frames from pieces of %i bytes', async (size) => {
  let stderr = '';
  const unframe = new Unframe((piece) => {
    stderr += piece.toString();
  });
  for (let at = 0; at < BYTES.length; at += size) unframe.write(BYTES.subarray(at, at + size));
  unframe.end();
  let stdout = '';
  for await (const piece of unframe) stdout += (piece as Buffer).toString();
  expect({ stdout, stderr }).toEqual({ stdout: 'one two', stderr: 'oops' });
});
