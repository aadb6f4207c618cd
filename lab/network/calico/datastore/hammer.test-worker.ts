import { FileDatastore, isConflict } from './index.ts';

// Run by concurrency.test.ts: ROOT MODE ROUNDS; sends one message for each success.
const [root = '', mode, rounds] = process.argv.slice(2);
const store = new FileDatastore<{ Counter: { n: number } }>(root);

async function count(): Promise<boolean> {
  for (;;) {
    const stored = await store.get('Counter', 'c');
    if (!stored) throw new Error('the counter is gone');
    try {
      await store.update('Counter', 'c', { n: stored.value.n + 1 }, stored.revision);
      return true;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

async function createAndDelete(): Promise<boolean> {
  try {
    const { revision } = await store.create('Counter', 'c', { n: process.pid });
    const stored = await store.get('Counter', 'c');
    if (stored?.value.n !== process.pid) throw new Error('another creator won as well');
    await store.delete('Counter', 'c', revision);
    return true;
  } catch (error) {
    if (!isConflict(error)) throw error;
    if (error.reason !== 'exists') throw new Error(`someone deleted what was ours: ${error.message}`);
    return false;
  }
}

for (let done = 0; done < Number(rounds); ) {
  if (await (mode === 'count' ? count : createAndDelete)()) {
    done++;
    await new Promise((resolve) => process.send?.(done, resolve));
  }
}
process.disconnect?.();
