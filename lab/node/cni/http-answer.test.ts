import { describe, expect, it } from 'vitest';
import { readAnswer } from './http-answer.ts';

const head = (...headers: string[]) =>
  `HTTP/1.1 200 OK\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
const COUNTED = `${head('Content-Type: application/json', 'Content-Length: 5')}{"é"}`.replace('5', '6');
const CHUNKED = `${head('transfer-encoding: chunked')}4;x=y\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n`;

describe.each([
  ['of a given length', COUNTED, '{"é"}'],
  ['in chunks', CHUNKED, '{"a":1}'],
  ['without a body', head('Content-Length: 0'), ''],
])('an answer %s', (_, text, body) => {
  const bytes = Buffer.from(text);

  it('is read when it is whole, and not before', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(readAnswer(bytes.subarray(0, length))).toBeUndefined();
    expect(readAnswer(bytes)).toEqual({ status: 200, body, keepAlive: true });
  });
});

it('says when the server closes the connection', () => {
  expect(readAnswer(Buffer.from(head('Connection: close', 'Content-Length: 0')))).toMatchObject({
    keepAlive: false,
  });
});

it.each([
  ['SSH-2.0-OpenSSH\r\n\r\n', /not an answer of an HTTP\/1.1 server: SSH-2.0/],
  [head(), /without a length/],
  [`${head('transfer-encoding: chunked')}zz\r\n`, /malformed chunk/],
])('refuses %j', (text, message) => {
  expect(() => readAnswer(Buffer.from(text))).toThrow(message);
});
