import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../registry/index.ts';
import { entryType, memoryEngine, Store, type StoreEvent } from './index.ts';

const types = new Map([['configmaps', entryType('ConfigMap', 'v1')]]);
const object = (name: string, value = ''): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n' },
  data: { value },
});

function newStore() {
  const engine = memoryEngine();
  const store = new Store({ engine, types, logBounds: { events: 8, bytes: 1 << 20 } });
  const events: StoreEvent[] = [];
  store.listen('configmaps', (event) => events.push(event));
  return { engine, store, events };
}

describe('Store', () => {
  it('shows a write to the next writer at once, to readers when it is on disk', async () => {
    const { store, events } = newStore();
    const written = store.put('configmaps', object('a'));
    expect(store.latest('configmaps', 'n', 'a')).toBeDefined();
    expect(store.get('configmaps', 'n', 'a')).toBeUndefined();
    expect(events).toEqual([]);
    const entry = await written;
    expect(store.get('configmaps', 'n', 'a')).toBe(entry);
    expect(store.revision).toBe(entry.revision);
    expect(events).toHaveLength(1);
  });

  it('commits writes of the same moment together, in order', async () => {
    const { store, engine, events } = newStore();
    const entries = await Promise.all([
      store.put('configmaps', object('a', '1')),
      store.put('configmaps', object('a', '2')),
      store.remove('configmaps', object('a', '2')),
      store.put('configmaps', object('a', '3')),
    ]);
    expect(engine.commits).toBe(1);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED', 'ADDED']);
    expect(entries.map(({ revision }) => revision)).toEqual(events.map(({ revision }) => revision));
    expect(store.latest('configmaps', 'n', 'a')?.object.data).toEqual({ value: '3' });
  });

  it('refuses what a failed transaction held, and what was built on it; writers see the disk again', async () => {
    const { store, engine, events } = newStore();
    await store.put('configmaps', object('a', '1'));
    engine.failNext = new Error('no space left on device');
    const lost = store.put('configmaps', object('a', '2'));
    await expect(lost).rejects.toThrow('no space left');
    expect(store.latest('configmaps', 'n', 'a')?.object.data).toEqual({ value: '1' });
    expect(events).toHaveLength(1);
    await store.put('configmaps', object('a', '3'));
    expect(store.get('configmaps', 'n', 'a')?.object.data).toEqual({ value: '3' });
  });

  it('gives past states as far as its log reaches', async () => {
    const { store } = newStore();
    const first = await store.put('configmaps', object('a', '1'));
    await store.put('configmaps', object('b'));
    await store.put('configmaps', object('a', '2'));
    await store.remove('configmaps', object('b'));
    const collection = store.collection('configmaps');
    expect(collection.listAt(first.revision).map(({ object: { data } }) => data)).toEqual([{ value: '1' }]);
    for (let count = 0; count < 20; count++) await store.put('configmaps', object('c', String(count)));
    expect(collection.log.compactedAt).toBeGreaterThan(first.revision);
  });

  it('lists a namespace and not one whose name begins the same', async () => {
    const { store } = newStore();
    for (const namespace of ['n', 'n-1', 'n1', 'm'])
      await store.put('configmaps', { ...object('x'), metadata: { name: 'x', namespace } });
    expect(store.list('configmaps', 'n').map(({ key }) => key)).toEqual(['n/x']);
    expect(store.list('configmaps').map(({ key }) => key)).toEqual(['m/x', 'n-1/x', 'n/x', 'n1/x']);
  });
});
