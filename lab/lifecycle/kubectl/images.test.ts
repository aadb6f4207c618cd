import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rewriteArguments } from './arguments.ts';
import { pathKind } from './host-files.ts';
import { argumentImages, commandImages, readsStdin } from './images.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoplab-images-'));
  writeFileSync(join(folder, 'web.yaml'), 'spec: { containers: [{ image: redis:6.0.5 }] }\n');
  writeFileSync(join(folder, 'notes.txt'), 'spec: { containers: [{ image: no }] }\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const images = (...argv: string[]) =>
  commandImages(argv, rewriteArguments(argv, { cwd: folder, folder: '/x' }, pathKind));

it.each([
  [['run', 'web', '--image=nginx:1.26', '--', 'sh', '--image=no'], ['nginx:1.26']],
  [['run', 'web', '--image', 'redis'], ['redis']],
  [
    ['create', 'deployment', 'web', '--image=a,b'],
    ['a', 'b'],
  ],
  [
    ['set', 'image', 'deployment/web', 'web=whoami:1', 'side=redis'],
    ['whoami:1', 'redis'],
  ],
  [['set', 'env', 'deployment/web', 'A=redis'], []],
  [['get', 'pods'], []],
])('%j names %j', (argv, wanted) => expect(argumentImages(argv)).toEqual(wanted));

it('reads the files of commands that make pods', async () => {
  expect(await images('apply', '-f', 'web.yaml')).toEqual(['redis:6.0.5']);
  expect(await images('create', '-f', '.')).toEqual(['redis:6.0.5']);
  expect(await images('delete', '-f', 'web.yaml')).toEqual([]);
  expect(await images('apply', '-f', 'gone.yaml')).toEqual([]);
});

it.each([
  [['apply', '-f', '-'], true],
  [['apply', '-f-'], true],
  [['delete', '-f', '-'], false],
  [['apply', '-f', 'a.yaml'], false],
  [['exec', '-it', 'web', '--', 'apply', '-f', '-'], false],
])('%j reads manifests from stdin: %j', (argv, wanted) => expect(readsStdin(argv)).toBe(wanted));
