import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planImages, podImages, REPOSITORY, readTree } from './image-folders.ts';
import { missingImages } from './images.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoplab-images-'));
  cpSync(join(REPOSITORY, 'images'), folder, { recursive: true });
  // The programs have their own sources and tests; here only folders count.
  writeFileSync(join(folder, 'node/programs.json'), '[]');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

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
    writeFileSync(
      join(folder, 'node-os/Dockerfile'),
      `${readFileSync(join(folder, 'node-os/Dockerfile'), 'utf8')}\n# more\n`,
    );
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
    chmodSync(join(folder, 'shared/lab-init'), 0o644);
    expect(readTree(join(folder, 'shared/lab-init'), 'rootfs/usr/local/sbin/lab-init')[0]?.mode).toBe(0o755);
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
    writeFileSync(join(folder, 'ingress-nginx/programs.json'), '[]');
    expect((await planImages(names, folder)).map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  });
});
