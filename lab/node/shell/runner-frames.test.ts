import { describe, expect, test } from 'vitest';
import { requestFrame, takeAnswers } from './runner-frames.ts';

/** An answer as images/node/native/runner/frame.c writes it. */
function answerFrame(id: number, code: number, signal: number, out: string, err: string): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(16 + Buffer.byteLength(out) + Buffer.byteLength(err), 0);
  head.writeUInt32LE(id, 4);
  head.writeInt32LE(code, 8);
  head.writeUInt32LE(signal, 12);
  head.writeUInt32LE(Buffer.byteLength(out), 16);
  return Buffer.concat([head, Buffer.from(out + err)]);
}

describe('requestFrame', () => {
  test('puts numbers, words and input one behind the other', () => {
    const frame = requestFrame(7, {
      argv: ['ip', 'link'],
      cwd: '/tmp',
      env: { A: 'b', gone: undefined },
      stdin: 'é',
      timeout: 1500,
    });
    const numbers = Array.from({ length: 6 }, (_, at) => frame.readUInt32LE(at * 4));
    expect(numbers).toEqual([frame.length - 4, 7, 1500, 1 | 4, 2, 1]);
    expect(frame.toString('utf8', 24)).toBe('/tmp\0ip\0link\0A=b\0é');
  });

  test('without a folder, variables and input it says so', () => {
    const frame = requestFrame(1, { argv: ['true'], timeout: Number.POSITIVE_INFINITY, reports: true });
    expect(frame.readUInt32LE(8)).toBe(0xffffffff);
    expect(frame.readUInt32LE(12)).toBe(2);
    expect(frame.toString('utf8', 24)).toBe('\0true\0');
  });

  test('refuses a NUL in a word', () => {
    expect(() => requestFrame(1, { argv: ['a\0b'], timeout: 1 })).toThrow(TypeError);
  });
});

describe('takeAnswers', () => {
  const bytes = Buffer.concat([answerFrame(2, 0, 0, 'wörld', ''), answerFrame(1, -2, 0, '', 'no')]);

  test('takes whole answers and leaves the rest, wherever the bytes are cut', () => {
    const wanted = [
      [2, { code: 0, signal: 0, stdout: 'wörld', stderr: '' }],
      [1, { code: -2, signal: 0, stdout: '', stderr: 'no' }],
    ];
    for (let cut = 0; cut <= bytes.length; cut++) {
      const first = takeAnswers(bytes.subarray(0, cut));
      const second = takeAnswers(Buffer.concat([first.rest, bytes.subarray(cut)]));
      expect([...first.answers, ...second.answers]).toEqual(wanted);
      expect(second.rest).toHaveLength(0);
    }
  });
});
