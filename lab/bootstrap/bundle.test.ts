import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundle } from './bundle.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hoplab-bundle-'));
  mkdirSync(join(root, 'lab'));
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(
    fileURLToPath(new URL('../../node_modules/esbuild', import.meta.url)),
    join(root, 'node_modules/esbuild'),
  );
  write('lab/value.ts', 'export const value: number = 1;\n');
  write(
    'lab/main.ts',
    "import { value } from './value.ts';\nexport const seen = value;\nexport const where = import.meta.url;\n",
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}
const make = () => bundle(root, 'test', { main: 'lab/main.ts' }, { external: [], splitting: false });
const load = async (folder: string) =>
  (await import(pathToFileURL(join(folder, 'main.js')).href)) as { seen: number; where: string };
/** The record is only kept for sources older than the build. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 10));

describe('bundle', () => {
  it('builds once and then uses what it has built', async () => {
    await settle();
    const first = await make();
    const second = await make();
    expect([first.built, second.built]).toEqual([true, false]);
    expect(second.folder).toBe(first.folder);
    expect((await load(first.folder)).seen).toBe(1);
  });

  it('sees a change of an imported file, also one of the same size with the old time put back', async () => {
    await settle();
    await make();
    const past = new Date(2020, 1, 1);
    write('lab/value.ts', 'export const value: number = 2;\n');
    utimesSync(join(root, 'lab/value.ts'), past, past);
    const changed = await make();
    expect(changed.built).toBe(true);
    expect((await load(changed.folder)).seen).toBe(2);
  });

  it('gives equal sources an equal bundle, so that the image made of it has the same hash', async () => {
    const first = readFileSync(join((await make()).folder, 'main.js'), 'utf8');
    rmSync(join(root, 'node_modules/.cache'), { recursive: true });
    expect(readFileSync(join((await make()).folder, 'main.js'), 'utf8')).toBe(first);
  });

  it('keeps the place of a module that asks for it', async () => {
    expect((await load((await make()).folder)).where).toBe(pathToFileURL(join(root, 'lab/main.ts')).href);
  });

  it('throws what does not compile', async () => {
    write('lab/value.ts', 'export const = 3;\n');
    await expect(make()).rejects.toThrow(/lab\/value\.ts:1/);
  });
});
