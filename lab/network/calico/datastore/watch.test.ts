import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FileDatastore } from './index.ts';

interface Kinds {
  Thing: { n: number };
  Other: { n: number };
}

let root = '';
let end = () => {};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hoplab-watch-'));
});
afterEach(() => {
  end();
  rmSync(root, { recursive: true, force: true });
});

/** What a reader that reads at every call has seen last. */
function reader(store: FileDatastore<Kinds>) {
  const seen: { last: number | undefined; calls: number } = { last: undefined, calls: 0 };
  end = store.watch('Thing', () => {
    seen.calls++;
    void store.get('Thing', 'a').then((stored) => {
      seen.last = stored?.value.n;
    });
  });
  return seen;
}

it('tells of creation, update and deletion, also of an object that came back', async () => {
  const store = new FileDatastore<Kinds>(root);
  const seen = reader(store);
  for (const round of [10, 20]) {
    const created = await store.create('Thing', 'a', { n: round });
    await vi.waitFor(() => expect(seen.last).toBe(round));
    const updated = await store.update('Thing', 'a', { n: round + 1 }, created.revision);
    await vi.waitFor(() => expect(seen.last).toBe(round + 1));
    await store.delete('Thing', 'a', updated.revision);
    await vi.waitFor(() => expect(seen.last).toBeUndefined());
  }
});

it('tells of updates of objects that were there before, and of no other kind', async () => {
  const store = new FileDatastore<Kinds>(root);
  const { revision } = await store.create('Thing', 'a', { n: 1 });
  const seen = reader(store);
  await store.create('Other', 'b', { n: 1 });
  await store.update('Thing', 'a', { n: 2 }, revision);
  await vi.waitFor(() => expect(seen.last).toBe(2));
  end();
  const { calls } = seen;
  const { revision: next } = (await store.get('Thing', 'a')) ?? { revision: '' };
  await store.update('Thing', 'a', { n: 3 }, next);
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen.calls).toBe(calls);
});
