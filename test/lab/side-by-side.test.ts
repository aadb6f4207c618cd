import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hoplab, hoplabOk } from '../support/hoplab.ts';
import { SMALL } from '../support/topologies.ts';

let folder: string;

/** small.yaml on ranges of its own. */
async function shifted(name: string): Promise<string> {
  const text = (await readFile(SMALL, 'utf8'))
    .replace('name: small', `name: ${name}`)
    .replaceAll('10.2.', '10.4.')
    .replaceAll('198.51.100.', '198.18.0.');
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, text);
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-test-'));
});
afterAll(async () => {
  await hoplab(['down', '-n', 'small']);
  await hoplab(['down', '-n', 'other']);
  await rm(folder, { recursive: true });
});

it('runs two labs at once, each with its own name, and takes down the one that is named', async () => {
  await Promise.all([hoplabOk(['up', '-t', SMALL]), hoplabOk(['up', '-t', await shifted('other')])]);
  const which = await hoplab(['status']);
  expect(which.stderr).toMatch(/there are \d+ labs: .*other.*small/);
  expect(which.code).toBe(2);
  // The pod ranges are the same in both: nothing but the lab's own wires lies between its pods.
  for (const name of ['small', 'other']) expect((await hoplab(['status', '-n', name])).code).toBe(0);
  await hoplabOk(['down', '-n', 'other']);
  expect((await hoplab(['status', '-n', 'small'])).code).toBe(0);
  expect((await hoplab(['status', '-n', 'other'])).stderr).toContain('there is no lab "other"');
});
