import { describe, expect, it } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import { ApiError, IPAM_BLOCKS, IPAM_HANDLES } from '../../../api/client/index.ts';
import {
  ApiDatastore,
  ConflictError,
  DatastoreError,
  MemoryDatastore,
  type ObjectMappings,
  UnavailableError,
} from './index.ts';

interface Kinds {
  Thing: { key?: string; n: number };
  Other: string;
}

/** Any two kinds will do; a value that does not know its key is listed under a name of its own. */
const MAPPINGS: ObjectMappings<Kinds> = {
  Thing: {
    resource: IPAM_HANDLES,
    name: (key) => key.toLowerCase(),
    key: ({ key = '' }) => key,
    toSpec: (value) => value,
    fromSpec: (spec) => spec as Kinds['Thing'],
  },
  Other: {
    resource: IPAM_BLOCKS,
    name: (key) => key,
    key: (value) => value,
    toSpec: (value) => ({ value }),
    fromSpec: (spec) => (spec as { value: string }).value,
  },
};

describe.each([
  ['API', () => new ApiDatastore(new FakeApi(), MAPPINGS)],
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

  it('lists a kind in the order of keys', async () => {
    const store = make();
    for (const key of ['k8s-pod-network.ab', 'B', 'a.b-c']) await store.create('Thing', key, { key, n: 1 });
    await store.create('Other', 'x', 'y');
    expect((await store.list('Thing')).map(({ key }) => key)).toEqual(['B', 'a.b-c', 'k8s-pod-network.ab']);
  });
});

describe('API datastore', () => {
  const world = () => {
    const api = new FakeApi();
    return { api, store: new ApiDatastore(api, MAPPINGS) };
  };

  it('says whether the API refuses or is away', async () => {
    const { api, store } = world();
    const thrown = async (error: Error) => {
      api.failNext('get', IPAM_HANDLES, error);
      return store.get('Thing', 'a').catch((caught: unknown) => caught);
    };
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.1.110.108:6443'), {
      code: 'ECONNREFUSED',
    });
    expect(await thrown(refused)).toBeInstanceOf(UnavailableError);
    expect(await thrown(refused)).toMatchObject({ message: expect.stringContaining('read Thing "a"') });
    expect(await thrown(new ApiError({ code: 503 }))).toBeInstanceOf(UnavailableError);
    const forbidden = await thrown(new ApiError({ code: 403, message: 'forbidden' }));
    expect(forbidden).toBeInstanceOf(DatastoreError);
    expect(forbidden).not.toBeInstanceOf(UnavailableError);
  });

  it.each([true, 'true'])('finishes a deletion that an older Calico began (%j)', async (deleted) => {
    const { api, store } = world();
    await store.create('Thing', 'a', { n: 1 });
    await api.patch(IPAM_HANDLES, 'a', undefined, { spec: { deleted } });
    expect(await store.list('Thing')).toEqual([]);
    expect(await store.get('Thing', 'a')).toBeUndefined();
    expect((await api.list(IPAM_HANDLES)).items).toEqual([]);
  });
});
