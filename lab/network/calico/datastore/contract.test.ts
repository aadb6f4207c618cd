import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConflictError, DatastoreError, FileDatastore, MemoryDatastore } from './index.ts';

interface Kinds {
  Thing: { n: number };
  Other: string;
}

const root = mkdtempSync(join(tmpdir(), 'hoplab-datastore-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let stores = 0;

describe.each([
  ['file', () => new FileDatastore<Kinds>(join(root, String(stores++)))],
  ['memory', () => new MemoryDatastore<Kinds>()],
])('%s datastore', (_, make) => {
  it('has nothing at first', async () => {
    const store = make();
    expect(await store.get('Thing', 'a')).toBeUndefined();
    expect(await store.list('Thing')).toEqual([]);
  });

  it('creates, reads, updates, deletes', async () => {
    const store = make();
    const made = await store.create('Thing', 'a', { n: 1 });
    expect(await store.get('Thing', 'a')).toEqual(made);
    const next = await store.update('Thing', 'a', { n: 2 }, made.revision);
    expect(next.revision).not.toBe(made.revision);
    expect(await store.get('Thing', 'a')).toEqual({ value: { n: 2 }, revision: next.revision });
    await store.delete('Thing', 'a', next.revision);
    expect(await store.get('Thing', 'a')).toBeUndefined();
  });

  it('refuses to create what exists', async () => {
    const store = make();
    await store.create('Thing', 'a', { n: 1 });
    await expect(store.create('Thing', 'a', { n: 2 })).rejects.toMatchObject({ reason: 'exists' });
    expect((await store.get('Thing', 'a'))?.value).toEqual({ n: 1 });
  });

  it('refuses to change or delete what another writer changed', async () => {
    const store = make();
    const { revision: old } = await store.create('Thing', 'a', { n: 1 });
    await store.update('Thing', 'a', { n: 2 }, old);
    await expect(store.update('Thing', 'a', { n: 3 }, old)).rejects.toThrow(ConflictError);
    await expect(store.delete('Thing', 'a', old)).rejects.toMatchObject({ reason: 'changed' });
    expect((await store.get('Thing', 'a'))?.value).toEqual({ n: 2 });
  });

  it('tells a deleted and made-anew object from the old one', async () => {
    const store = make();
    const { revision: old } = await store.create('Thing', 'a', { n: 1 });
    await store.delete('Thing', 'a', old);
    await expect(store.update('Thing', 'a', { n: 2 }, old)).rejects.toMatchObject({ reason: 'gone' });
    await store.create('Thing', 'a', { n: 1 });
    await expect(store.update('Thing', 'a', { n: 2 }, old)).rejects.toMatchObject({ reason: 'changed' });
    await expect(store.delete('Thing', 'a', old)).rejects.toMatchObject({ reason: 'changed' });
  });

  it('lists a kind in the order of keys, whatever characters they have', async () => {
    const store = make();
    for (const key of ['k8s-pod-network.ab', 'b/..', 'a b', 'é']) await store.create('Thing', key, { n: 1 });
    await store.create('Other', 'x', 'y');
    expect((await store.list('Thing')).map(({ key }) => key)).toEqual([
      'a b',
      'b/..',
      'k8s-pod-network.ab',
      'é',
    ]);
  });
});

describe('file datastore', () => {
  it('leaves no file of an object that is gone', async () => {
    const dir = join(root, 'clean');
    const store = new FileDatastore<Kinds>(dir);
    let { revision } = await store.create('Thing', 'a', { n: 0 });
    for (let n = 1; n < 10; n++) ({ revision } = await store.update('Thing', 'a', { n }, revision));
    await expect(store.create('Thing', 'a', { n: 0 })).rejects.toThrow(ConflictError);
    expect(readdirSync(join(dir, 'values'))).toEqual([revision]);
    await store.delete('Thing', 'a', revision);
    expect(readdirSync(join(dir, 'values'))).toEqual([]);
    expect(readdirSync(join(dir, 'objects', 'Thing'))).toEqual([]);
  });

  it.each(['', '.', '..', 'x'.repeat(256)])('refuses the key "%s"', async (key) => {
    const store = new FileDatastore<Kinds>(join(root, 'keys'));
    await expect(store.create('Thing', key, { n: 1 })).rejects.toThrow(DatastoreError);
  });

  it('says which path it cannot use', async () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    const store = new FileDatastore<Kinds>(file);
    await expect(store.create('Thing', 'a', { n: 1 })).rejects.toThrow(/cannot write Thing "a".*a-file/);
  });
});
