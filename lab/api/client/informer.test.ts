import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiObject, Pod } from '../objects/index.ts';
import { ApiError } from './api-error.ts';
import { ManualClock } from './clock.ts';
import { FakeApi } from './fake.ts';
import { type Informer, informer } from './informer.ts';
import { informerFactory } from './informer-factory.ts';
import { CONFIG_MAPS, PODS } from './resources.ts';
import { writeThrough } from './write-through.ts';

const informers: Informer<ApiObject>[] = [];
afterEach(() => {
  for (const one of informers.splice(0)) one.stop();
});

const map = (name: string, labels: Record<string, string> = {}): ApiObject => ({
  metadata: { name, namespace: 'a', labels },
});

async function settle(): Promise<void> {
  for (let n = 0; n < 30; n++) await turn();
}

function follow(api: FakeApi, clock = new ManualClock()) {
  const seen: string[] = [];
  const one = informer<ApiObject>(api, CONFIG_MAPS, { clock });
  informers.push(one);
  one.on({
    add: ({ metadata }) => seen.push(`+${metadata.name}`),
    update: ({ metadata }) => seen.push(`~${metadata.name}`),
    delete: ({ metadata }) => seen.push(`-${metadata.name}`),
  });
  return { one, seen, clock };
}

describe('informer', () => {
  it('lists, then follows', async () => {
    const api = new FakeApi();
    await api.load(CONFIG_MAPS, map('x'));
    const { one, seen } = follow(api);
    await one.synced;
    await api.create<ApiObject>(CONFIG_MAPS, map('y'));
    await api.patch(CONFIG_MAPS, 'x', 'a', { data: { k: 'v' } });
    await api.delete(CONFIG_MAPS, 'y', 'a');
    await settle();
    expect(seen).toEqual(['+x', '+y', '~x', '-y']);
    expect(one.list('a').map(({ metadata }) => metadata.name)).toEqual(['x']);
    expect(one.list('b')).toEqual([]);
  });

  it('goes on where it was when the watch is dropped, and lists again after 410', async () => {
    const api = new FakeApi();
    const { one, seen, clock } = follow(api);
    await one.synced;
    await settle();
    api.dropWatches();
    await api.create<ApiObject>(CONFIG_MAPS, map('x'));
    await settle();
    expect(seen).toEqual([]);
    clock.advance(5000);
    await settle();
    expect(seen).toEqual(['+x']);

    api.dropWatches();
    await api.delete(CONFIG_MAPS, 'x', 'a');
    await api.create<ApiObject>(CONFIG_MAPS, map('z'));
    api.compact();
    await settle();
    clock.advance(5000);
    await settle();
    expect(seen).toEqual(['+x', '-x', '+z']);
  });

  it('tries again after a failed list, later and later', async () => {
    const api = new FakeApi();
    api.failNext('list', CONFIG_MAPS, new Error('ECONNREFUSED'));
    api.failNext('list', CONFIG_MAPS, new Error('ECONNREFUSED'));
    const { one, clock } = follow(api);
    await settle();
    expect(one.isSynced).toBe(false);
    expect(clock.next()).toBeGreaterThan(20);
    clock.advance(100);
    await settle();
    expect(one.isSynced).toBe(false);
    clock.advance(200);
    await settle();
    expect(one.isSynced).toBe(true);
  });

  it('takes over its own writes before the watch brings them, and does not revive the deleted', async () => {
    const api = new FakeApi();
    const { one, seen } = follow(api);
    await one.synced;
    const created = await api.create<ApiObject>(CONFIG_MAPS, map('x'));
    one.observe(created);
    one.observe(created);
    expect(seen).toEqual(['+x']);
    await api.delete(CONFIG_MAPS, 'x', 'a');
    await settle();
    one.observe(created);
    expect(seen).toEqual(['+x', '-x']);
    expect(one.get('x', 'a')).toBeUndefined();
  });

  it('shows an object that took the place of another of the same name as deleted and added', async () => {
    const api = new FakeApi();
    const { one, seen, clock } = follow(api);
    await one.synced;
    await api.create<ApiObject>(CONFIG_MAPS, map('x'));
    await settle();
    api.dropWatches();
    await api.delete(CONFIG_MAPS, 'x', 'a');
    await api.create<ApiObject>(CONFIG_MAPS, map('x'));
    api.compact();
    await settle();
    clock.advance(5000);
    await settle();
    expect(seen).toEqual(['+x', '-x', '+x']);
  });

  it('indexes follow changes', async () => {
    const api = new FakeApi();
    const { one } = follow(api);
    one.addIndex('app', ({ metadata }) => (metadata.labels?.app ? [metadata.labels.app] : []));
    await one.synced;
    await api.create<ApiObject>(CONFIG_MAPS, map('x', { app: 'web' }));
    await settle();
    expect(one.byIndex('app', 'web')).toHaveLength(1);
    await api.patch(CONFIG_MAPS, 'x', 'a', { metadata: { labels: { app: 'db' } } });
    await settle();
    expect([one.byIndex('app', 'web').length, one.byIndex('app', 'db').length]).toEqual([0, 1]);
    expect(() => one.byIndex('no', 'x')).toThrow('no index "no"');
  });
});

describe('writeThrough', () => {
  it('a graceful deletion shows at once, and so does an immediate one', async () => {
    const api = new FakeApi();
    const factory = informerFactory(api);
    const pods = factory.of<Pod>(PODS);
    informers.push(pods as unknown as Informer<ApiObject>);
    await factory.synced();
    const client = writeThrough(api, factory);
    const pod = (name: string, nodeName?: string): Pod => ({
      metadata: { name, namespace: 'a' },
      spec: { containers: [], ...(nodeName ? { nodeName } : {}) },
    });
    await client.create<Pod>(PODS, pod('running', 'n1'));
    await client.create<Pod>(PODS, pod('waiting'));
    expect(pods.list()).toHaveLength(2);
    await client.delete(PODS, 'running', 'a');
    await client.delete(PODS, 'waiting', 'a');
    expect(pods.list().map(({ metadata }) => [metadata.name, Boolean(metadata.deletionTimestamp)])).toEqual([
      ['running', true],
    ]);
  });
});

describe('FakeApi', () => {
  it('refuses stale writes, taken names and missing objects as the server does', async () => {
    const api = new FakeApi();
    const first = await api.create<ApiObject>(CONFIG_MAPS, map('x'));
    await api.patch(CONFIG_MAPS, 'x', 'a', { data: { k: 'v' } });
    const codes = await Promise.all(
      [
        api.update<ApiObject>(CONFIG_MAPS, { ...first, metadata: { ...first.metadata, labels: { b: 'c' } } }),
        api.create<ApiObject>(CONFIG_MAPS, map('x')),
        api.get(CONFIG_MAPS, 'none', 'a'),
        api.delete(CONFIG_MAPS, 'x', 'a', { uid: 'another' }),
      ].map((call) =>
        call.then(
          () => 'accepted',
          (error: ApiError) => `${error.code} ${error.reason}`,
        ),
      ),
    );
    expect(codes).toEqual(['409 Conflict', '409 AlreadyExists', '404 NotFound', '409 Conflict']);
  });

  it('keeps an object until its last finalizer is gone', async () => {
    const api = new FakeApi();
    await api.create<ApiObject>(CONFIG_MAPS, { metadata: { name: 'x', namespace: 'a', finalizers: ['f'] } });
    await api.delete(CONFIG_MAPS, 'x', 'a');
    expect((await api.get<ApiObject>(CONFIG_MAPS, 'x', 'a')).metadata.deletionTimestamp).toBeDefined();
    await api.patch(CONFIG_MAPS, 'x', 'a', { metadata: { finalizers: null } });
    await expect(api.get(CONFIG_MAPS, 'x', 'a')).rejects.toBeInstanceOf(ApiError);
  });
});
