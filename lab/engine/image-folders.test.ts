import { appendFileSync, chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planImages, podImages, REPOSITORY, readTree } from './image-folders.ts';
import { missingImages } from './images.ts';

// A copy for all tests, without what make leaves in it. Tests change it, and compare it with what it was before.
const folder = mkdtempSync(join(tmpdir(), 'hoplab-images-'));
cpSync(join(REPOSITORY, 'images'), folder, {
  recursive: true,
  filter: (path) => !/\/native\/build/.test(path),
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// The programs have their own sources and tests; here only folders count.
for (const image of ['node', 'ingress-nginx']) writeFileSync(join(folder, image, 'programs.json'), '[]');

const tags = async () =>
  Object.fromEntries(
    (await planImages(['node', 'toolbox', 'nginx'], folder)).map(({ name, tag }) => [name, tag]),
  );

describe('planImages', () => {
  it('puts every image after those it starts from', async () => {
    const seen = new Set<string>();
    for (const { name, needs } of await planImages(['node', 'nginx'], folder)) {
      expect(needs.filter((need) => !seen.has(need))).toEqual([]);
      seen.add(name);
    }
    expect([...seen].sort()).toEqual(['base', 'nginx', 'node', 'node-native', 'node-os']);
  });

  it('passes the tags of the images it starts from as arguments', async () => {
    const plan = await planImages(['node'], folder);
    const tagOf = (name: string) => plan.find((image) => image.name === name)?.tag;
    expect(plan.at(-1)?.content.arguments).toEqual({
      PARENT: tagOf('node-os'),
      NATIVE: tagOf('node-native'),
    });
  });

  it('changes an image and all that start from it, and no other', async () => {
    const before = await tags();
    appendFileSync(join(folder, 'node-os/Dockerfile'), '\n# more\n');
    const after = await tags();
    expect(
      Object.keys(before)
        .filter((name) => before[name] !== after[name])
        .sort(),
    ).toEqual(['node', 'node-os']);
  });

  it('takes lab-init into the images that run it', async () => {
    const before = await tags();
    writeFileSync(join(folder, 'shared/lab-init'), '#!/bin/sh\n');
    const after = await tags();
    expect(
      Object.keys(before)
        .filter((name) => before[name] !== after[name])
        .sort(),
    ).toEqual(['node', 'toolbox']);
  });

  it('does not see what make leaves among the C sources', async () => {
    const before = await tags();
    writeFileSync(join(folder, 'node/native/tunl0d'), 'binary');
    writeFileSync(join(folder, 'node/native/x.o'), 'binary');
    expect(await tags()).toEqual(before);
  });
});

describe('readTree', () => {
  it('makes programs executable whatever the checkout says', () => {
    const file = join(folder, 'shared/lab-init');
    chmodSync(file, 0o644);
    expect(readTree(file, 'rootfs/usr/local/sbin/lab-init')[0]?.mode).toBe(0o755);
  });
});

describe('missingImages', () => {
  it('builds parents only for what is missing itself', async () => {
    const plan = await planImages(['node', 'nginx'], folder);
    const present = (...names: string[]) =>
      new Set(plan.filter(({ name }) => names.includes(name)).map(({ tag }) => tag));
    const missing = (...names: string[]) =>
      missingImages(plan, ['node', 'nginx'], present(...names)).map(({ name }) => name);
    expect(missing('node', 'nginx')).toEqual([]); // base was removed: nobody needs it
    expect(missing('nginx', 'base', 'node-os')).toEqual(['node-native', 'node']);
    expect(missing('nginx', 'node-os', 'node-native')).toEqual(['node']);
    expect([...missing()].sort()).toEqual(['base', 'nginx', 'node', 'node-native', 'node-os']);
  });
});

describe('podImages', () => {
  it('can plan every one of them, with all that they start from', async () => {
    const names = [...podImages(folder).keys()];
    expect((await planImages(names, folder)).map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  });
});
