import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseProtocol, exitStatus, terminalSize } from './channels.ts';
import { type LogOptions, logFile, logOptions, readLog, renderLines } from './container-logs.ts';
import { execRequest, missingProgram } from './exec-session.ts';
import { forwardPorts } from './port-forward.ts';
import { SpdyConnection, type SpdyStream } from './spdy/connection.ts';
import { DICTIONARY } from './spdy/dictionary.ts';
import { controlFrame, dataFrame, FLAG_FIN, FrameReader, SYN_REPLY, SYN_STREAM } from './spdy/frames.ts';
import { HeaderCodec } from './spdy/headers.ts';
import { authorizer } from './tokens.ts';

const root = mkdtempSync(join(tmpdir(), 'kubelet-server-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const query = (text: string) => new URLSearchParams(text);

describe('logs', () => {
  const lines = [
    '2026-11-20T11:00:00.1+00:00 stdout F one',
    '2026-11-20T11:00:01.1+00:00 stderr P two',
    '2026-11-20T11:00:01.2+00:00 stderr F -and-a-half',
    '2026-11-20T11:00:02.1+00:00 stdout F three',
  ];
  const path = join(root, '1.log');
  writeFileSync(path, `${lines.join('\n')}\n`);
  const all: LogOptions = {
    follow: false,
    previous: false,
    timestamps: false,
    tailLines: undefined,
    since: undefined,
    limitBytes: undefined,
  };
  const read = async (options: Partial<LogOptions>) => {
    let text = '';
    for await (const piece of readLog(
      path,
      { ...all, ...options },
      Promise.resolve(),
      new AbortController().signal,
    ))
      text += piece;
    return text;
  };
  it('are shown whole, from the end, up to a size', async () => {
    expect(await read({})).toBe('one\ntwo-and-a-half\nthree\n');
    expect(await read({ tailLines: 2 })).toBe('two-and-a-half\nthree\n');
    expect(await read({ tailLines: 0 })).toBe('');
    expect(await read({ limitBytes: 5 })).toBe('one\nt');
  });
  it('carry times at the start of lines, and leave out what is older', () => {
    expect(renderLines(lines, { timestamps: true, since: Date.parse('2026-11-20T11:00:01Z') })).toBe(
      '2026-11-20T11:00:01.100000000Z two-and-a-half\n2026-11-20T11:00:02.100000000Z three\n',
    );
    expect(renderLines(lines, { timestamps: false, since: undefined, stream: 'stdout' })).toBe(
      'one\nthree\n',
    );
  });
  it('are followed until their container has ended', async () => {
    const file = join(root, '2.log');
    writeFileSync(file, `${lines[0]}\n`);
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const pieces: string[] = [];
    for await (const piece of readLog(file, { ...all, follow: true }, ended, new AbortController().signal)) {
      pieces.push(piece);
      if (pieces.length === 1) await appendFile(file, `${lines[3]}\n`);
      else end();
    }
    expect(pieces).toEqual(['one\n', 'three\n']);
  });
  it('are found by attempt', async () => {
    expect(await logFile(root, false)).toBe(join(root, '2.log'));
    expect(await logFile(root, true)).toBe(path);
    expect(await logFile(join(root, 'none'), false)).toBeUndefined();
  });
  it('have their options checked', () => {
    expect(logOptions(query('follow=true&tailLines=3&sinceSeconds=2'), 10_000)).toMatchObject({
      follow: true,
      tailLines: 3,
      since: 8000,
    });
    expect(() => logOptions(query('tailLines=-1'), 0)).toThrow('invalid value for tailLines: "-1"');
  });
});

describe('commands', () => {
  it('are read from the query', () => {
    expect(execRequest(query('command=sh&command=-c&command=x&stdout=true&stderr=true'))).toEqual({
      command: ['sh', '-c', 'x'],
      stdin: false,
      stdout: true,
      stderr: true,
      tty: false,
    });
    expect(execRequest(query('command=sh&stdin=1&stdout=1&stderr=1&tty=1')).stderr).toBe(false);
    expect(() => execRequest(query('command=sh'))).toThrow('at least 1 of stdin, stdout, stderr');
  });
  it('tell their exit code as kubectl reads it', () => {
    expect(exitStatus(0)).toEqual({ metadata: {}, status: 'Success' });
    expect(exitStatus(42)).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '42' }] },
    });
  });
  it('say which program is missing', () => {
    expect(missingProgram('executable file `bash` not found in $PATH: No such file or directory\n')).toBe(
      'Internal error occurred: error executing command in container: exec: "bash": executable file not found in $PATH',
    );
    expect(missingProgram('something else')).toBeUndefined();
  });
  it('take sizes that make sense', () => {
    expect(terminalSize(Buffer.from('{"Width":80,"Height":24}'))).toEqual({ columns: 80, rows: 24 });
    expect(terminalSize(Buffer.from('{"Width":0,"Height":24}'))).toBeUndefined();
    expect(terminalSize(Buffer.from('nonsense'))).toBeUndefined();
  });
  it('speak the newest protocol that both know', () => {
    expect(
      chooseProtocol(['v4.channel.k8s.io', 'v5.channel.k8s.io'], ['v5.channel.k8s.io', 'v4.channel.k8s.io']),
    ).toBe('v5.channel.k8s.io');
    expect(chooseProtocol(['channel.k8s.io'], ['v5.channel.k8s.io'])).toBeUndefined();
  });
});

it('reads ports as the API server and as clients write them', () => {
  expect(forwardPorts(query('port=80&port=81'))).toEqual([80, 81]);
  expect(forwardPorts(query('ports=80,81'))).toEqual([80, 81]);
  expect(() => forwardPorts(query('ports=x'))).toThrow('as a port');
  expect(() => forwardPorts(query(''))).toThrow('required');
});

it('lets in the API server and administrators, and nobody else', async () => {
  const file = join(root, 'tokens.json');
  writeFileSync(
    file,
    JSON.stringify([
      { token: 'a', user: 'kube-apiserver', groups: [] },
      { token: 'b', user: 'admin', groups: ['system:masters'] },
      { token: 'c', user: 'system:node:n', groups: ['system:nodes'] },
    ]),
  );
  const authorize = authorizer(['d'], file);
  const tried = ['Bearer a', 'Bearer b', 'Bearer c', 'Bearer d', 'Basic a', undefined];
  expect(await Promise.all(tried.map(authorize))).toEqual([true, true, false, true, false, false]);
  expect(await authorizer(['d'], join(root, 'none'))('Bearer d')).toBe(true);
});

describe('SPDY/3.1', () => {
  it('has the dictionary of the draft', () => {
    let [a, b] = [1, 0];
    for (const byte of DICTIONARY) {
      a = (a + byte) % 65521;
      b = (b + a) % 65521;
    }
    // The DICTID that every SPDY/3 client sends in its first header block.
    expect(((b << 16) | a) >>> 0).toBe(0xe3c6a7c2);
  });
  it('cuts frames out of any pieces', () => {
    const bytes = Buffer.concat([
      controlFrame(SYN_STREAM, 1, Buffer.from('abc')),
      dataFrame(5, 0, Buffer.from('xy')),
    ]);
    for (const size of [1, 3, 100]) {
      const reader = new FrameReader();
      const frames = [];
      for (let at = 0; at < bytes.length; at += size)
        frames.push(...reader.push(bytes.subarray(at, at + size)));
      expect(frames.map((frame) => [frame.kind, frame.flags, frame.body.toString()])).toEqual([
        ['control', 1, 'abc'],
        ['data', 0, 'xy'],
      ]);
    }
    expect(() => new FrameReader().push(Buffer.from('8002000100000000', 'hex'))).toThrow('not SPDY/3.1');
  });
  it('opens streams, whose header blocks share one state, and carries data both ways', async () => {
    const client = new HeaderCodec();
    const sent: Buffer[] = [];
    const streams: SpdyStream[] = [];
    const got: string[] = [];
    const connection = new SpdyConnection(
      (bytes) => sent.push(bytes),
      (stream) => {
        streams.push(stream);
        stream.onData = (data) => got.push(data.toString());
        stream.onEnd = () => {
          got.push('end');
          stream.write(Buffer.from('answer'));
          stream.end();
        };
      },
    );
    const open = async (id: number, type: string) => {
      const block = await client.encode(
        new Map([
          ['streamtype', type],
          ['port', '80'],
          ['requestid', '0'],
        ]),
      );
      const head = Buffer.alloc(10);
      head.writeUInt32BE(id);
      return controlFrame(SYN_STREAM, 0, Buffer.concat([head, block]));
    };
    const fail = (error: Error) => {
      throw error;
    };
    connection.receive(await open(1, 'error'), fail);
    connection.receive(await open(3, 'data'), fail);
    connection.receive(dataFrame(3, 0, Buffer.from('hello')), fail);
    connection.receive(dataFrame(3, FLAG_FIN, Buffer.alloc(0)), fail);
    while (sent.length < 4) await new Promise((resolve) => setImmediate(resolve));
    expect(streams.map(({ id, headers }) => [id, headers.get('streamtype'), headers.get('port')])).toEqual([
      [1, 'error', '80'],
      [3, 'data', '80'],
    ]);
    expect(got).toEqual(['hello', 'end']);
    const frames = new FrameReader().push(Buffer.concat(sent));
    expect(frames.map((frame) => (frame.kind === 'control' ? frame.type : frame.body.toString()))).toEqual([
      SYN_REPLY,
      SYN_REPLY,
      'answer',
      '',
    ]);
    const reply = frames[1];
    expect(reply?.kind === 'control' && reply.body.readUInt32BE(0)).toBe(3);
    connection.close();
    client.close();
  });
});
