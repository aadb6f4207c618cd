import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type ExitWatch, watchExits } from './exits.ts';

let watch: ExitWatch | undefined;
const directory = mkdtempSync(join(tmpdir(), 'exits-'));
afterEach(() => {
  watch?.close();
  rmSync(directory, { recursive: true, force: true });
});

it('tells the exit code of a container that ends, and of one that has ended before', async () => {
  watch = watchExits(directory);
  writeFileSync(join(directory, 'early'), '3');
  const early = new Promise((resolve) => watch?.expect('early', resolve));
  const late = new Promise((resolve) => watch?.expect('late', resolve));
  // As conmon writes: beside, then renamed.
  writeFileSync(join(directory, 'late.XYZ'), '137');
  renameSync(join(directory, 'late.XYZ'), join(directory, 'late'));
  expect(await Promise.all([early, late])).toEqual([3, 137]);
});
