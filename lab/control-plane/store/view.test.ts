import { expect, it } from 'vitest';
import type { KubeObject } from '../registry/index.ts';
import { entryType, memoryEngine, Store, type StoreEvent } from './index.ts';

const types = new Map([
  ['pods', entryType('Pod', 'v1')],
  ['interfaces', entryType('Interface', 'x/v1')],
]);
/** A pod with an address is shown as an interface of another name. */
const derive = ({ metadata, ip }: KubeObject): KubeObject | undefined =>
  ip === undefined
    ? undefined
    : { apiVersion: 'x/v1', kind: 'Interface', metadata: { ...metadata, name: `if-${metadata.name}` }, ip };
const pod = (name: string, ip?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'n' },
  ...(ip !== undefined && { ip }),
});

it('a view follows what it is derived from', async () => {
  const store = new Store({
    engine: memoryEngine(),
    types,
    views: new Map([['interfaces', { of: 'pods', derive }]]),
  });
  const events: string[] = [];
  const stop = store.listen('interfaces', ({ type, entry, revision }: StoreEvent) => {
    expect(entry.object.metadata.resourceVersion).toBe(String(revision));
    events.push(`${type} ${entry.key} ${String(entry.object.ip)}`);
  });
  await store.put('pods', pod('a'));
  const { revision } = await store.put('pods', pod('a', '1'));
  await store.put('pods', pod('b', '2'));
  await store.put('pods', pod('a', '3'));
  await store.put('pods', pod('a'));
  await store.remove('pods', pod('b', '2'));
  await store.put('pods', pod('c', '4'));
  stop();
  expect(events).toEqual([
    'ADDED n/if-a 1',
    'ADDED n/if-b 2',
    'MODIFIED n/if-a 3',
    'DELETED n/if-a 3',
    'DELETED n/if-b 2',
    'ADDED n/if-c 4',
  ]);
  expect(store.list('interfaces').map(({ key }) => key)).toEqual(['n/if-c']);
  expect(store.list('interfaces', 'other')).toEqual([]);
  expect(store.get('interfaces', 'n', 'if-c')?.object).toMatchObject({ kind: 'Interface', ip: '4' });
  expect(store.get('interfaces', 'n', 'c')).toBeUndefined();
  const reader = store.reader('interfaces');
  expect(reader.listAt(revision).map(({ key }) => key)).toEqual(['n/if-a']);
  expect(reader.after(revision).map(({ type }) => type)).toEqual([
    'ADDED',
    'MODIFIED',
    'DELETED',
    'DELETED',
    'ADDED',
  ]);
  await store.close();
});
