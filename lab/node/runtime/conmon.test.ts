import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { attachSocket, resizeMessage, resizeTerminal } from './attach.ts';
import { conmonArgs } from './conmon.ts';
import { DEFAULT_PATHS } from './paths.ts';

const request = {
  id: 'a'.repeat(64),
  name: 'n',
  bundle: '/b',
  logFile: '/l',
  exitDir: '/e',
  socketDir: '/s',
  terminal: false,
  stdin: 'none',
} as const;
const about = (change: Partial<Parameters<typeof conmonArgs>[0]>) =>
  conmonArgs({ ...request, ...change }).filter((word) => /^--(terminal|stdin|leave-stdin-open)$/.test(word));

it('gives a container the stdin that its spec asks for', () => {
  expect(about({})).toEqual([]);
  expect(about({ stdin: 'once' })).toEqual(['--stdin']);
  expect(about({ stdin: 'open' })).toEqual(['--stdin', '--leave-stdin-open']);
  expect(about({ stdin: 'once', terminal: true })).toEqual(['--terminal']);
});

it('keeps the path of the attach socket as short as the kernel wants it', () => {
  expect(Buffer.byteLength(attachSocket(DEFAULT_PATHS, request.id))).toBeLessThanOrEqual(107);
});

it('writes a terminal size to the control FIFO, if there is a conmon to read it', async () => {
  expect(resizeMessage(80, 24)).toBe('1 24 80\n');
  const bundle = mkdtempSync(join(tmpdir(), 'conmon-'));
  try {
    await resizeTerminal(bundle, 80, 24);
    execFileSync('mkfifo', [join(bundle, 'ctl')]);
    await resizeTerminal(bundle, 80, 24);
    execFileSync('rm', [join(bundle, 'ctl')]);
    execFileSync('touch', [join(bundle, 'ctl')]);
    await resizeTerminal(bundle, 80, 24);
    expect(readFileSync(join(bundle, 'ctl'), 'utf8')).toBe('1 24 80\n');
  } finally {
    rmSync(bundle, { recursive: true });
  }
});
