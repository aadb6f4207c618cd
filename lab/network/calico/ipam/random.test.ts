import { describe, expect, it } from 'vitest';
import { seeded, seeds } from '../../../testing/index.ts';
import { type Datastore, DatastoreError, MemoryDatastore } from '../datastore/index.ts';
import { Ipam, IpamError, type IpamKinds } from './index.ts';
import { storeProblems } from './store-problems.ts';

const pool = {
  cidr: '10.0.0.0/27',
  blockSize: 29,
  strictAffinity: false,
  pinnedBlocks: { c: '10.0.0.8/29' },
  maxBlocksPerHost: 2,
};

/** A store whose writes fail now and then, before they are done. */
function failing(store: Datastore<IpamKinds>, fails: () => boolean): Datastore<IpamKinds> {
  const write = async <T>(done: () => Promise<T>): Promise<T> => {
    if (fails()) throw new DatastoreError('no space left on device');
    return done();
  };
  return {
    get: (kind, key) => store.get(kind, key),
    list: (kind) => store.list(kind),
    create: (kind, key, value) => write(() => store.create(kind, key, value)),
    update: (kind, key, value, revision) => write(() => store.update(kind, key, value, revision)),
    delete: (kind, key, revision) => write(() => store.delete(kind, key, revision)),
  };
}

describe('any sequence of assigning, releasing and failing', () => {
  it.each(seeds(2, 40))('gives no address twice and leaks none (seed %i)', async (seed) => {
    const random = seeded(seed);
    const draw = (below: number) => Math.floor(random() * below);
    const store = new MemoryDatastore<IpamKinds>();
    let failures = false;
    const ipam = new Ipam(
      failing(store, () => failures && draw(12) === 0),
      pool,
    );
    const held = new Map<string, string>();
    for (let step = 0; step < 400; step++) {
      const handle = `h${draw(40)}`;
      const node = 'abc'.charAt(draw(3));
      const owner = { handle, attributes: { node } };
      failures = draw(3) === 0;
      try {
        if (held.has(handle)) {
          await ipam.releaseByHandle(handle);
          held.delete(handle);
        } else {
          const wanted = `10.0.0.${draw(36)}`;
          const got =
            draw(4) === 0 ? await ipam.assignIP(node, wanted, owner) : await ipam.autoAssign(node, owner);
          expect([...held.values()]).not.toContain(got.address);
          held.set(handle, got.address);
        }
      } catch (error) {
        if (!(error instanceof IpamError) && !(error instanceof DatastoreError)) throw error;
        // What the plugin does after a failed ADD, and the kubelet after a failed DEL: release until it works.
        failures = false;
        await ipam.releaseByHandle(handle);
        held.delete(handle);
      }
      if (step % 20 === 0) {
        const used = (await ipam.listBlocks()).flatMap((b) => b.addresses.map((a) => [a.handle, a.address]));
        expect(Object.fromEntries(used)).toEqual(Object.fromEntries(held));
      }
    }
    failures = false;
    for (const handle of held.keys()) await ipam.releaseByHandle(handle);
    for (const node of 'abc') await ipam.autoAssign(node, { handle: 'last', attributes: { node } });
    await ipam.releaseByHandle('last');
    expect(await storeProblems(store)).toEqual([]);
    expect((await ipam.listBlocks()).reduce((sum, { used }) => sum + used, 0)).toBe(0);
  });
});
