import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.ts';
import { WorkQueue } from './work-queue.ts';

describe('WorkQueue', () => {
  it('handles a key once however often it is added, and again when added meanwhile', async () => {
    const handled: string[] = [];
    let release = (): void => {};
    const queue = new WorkQueue(async (key) => {
      handled.push(key);
      if (handled.length === 1) await new Promise<void>((resolve) => (release = resolve));
    });
    queue.add('a');
    queue.add('a');
    await turn();
    queue.add('a');
    queue.add('a');
    await turn();
    expect(handled).toEqual(['a']);
    release();
    await queue.idle();
    expect(handled).toEqual(['a', 'a']);
  });

  it('never handles more keys at once than allowed', async () => {
    let active = 0;
    let most = 0;
    const queue = new WorkQueue(
      async () => {
        most = Math.max(most, ++active);
        await turn();
        active--;
      },
      { concurrency: 3 },
    );
    for (let n = 0; n < 20; n++) queue.add(String(n));
    await queue.idle();
    expect(most).toBe(3);
  });

  it('comes back to a failed key after 5, 10, 20 ms, and from the start after a success', async () => {
    const clock = new ManualClock();
    const delays: (number | undefined)[] = [];
    let fail = true;
    const queue = new WorkQueue(
      () => {
        if (fail) throw new Error('no');
      },
      { clock },
    );
    queue.add('a');
    for (let n = 0; n < 4; n++) {
      await turn();
      delays.push(clock.next());
      if (n === 2) fail = false;
      clock.advance(clock.next() ?? 0);
    }
    await turn();
    fail = true;
    queue.add('a');
    await turn();
    expect([...delays, clock.next()]).toEqual([5, 10, 20, undefined, 5]);
  });

  it('of several delays the earliest counts', async () => {
    const clock = new ManualClock();
    const at: number[] = [];
    const start = clock.now();
    const queue = new WorkQueue(() => void at.push(clock.now() - start), { clock });
    queue.addAfter('a', 100);
    queue.addAfter('a', 50);
    queue.addAfter('a', 70);
    clock.advance(50);
    await turn();
    clock.advance(100);
    await turn();
    expect(at).toEqual([50]);
  });

  it('after stop nothing begins', async () => {
    let handled = 0;
    const queue = new WorkQueue(() => void handled++);
    queue.add('a');
    await queue.stop();
    queue.add('b');
    await turn();
    expect(handled).toBe(0);
  });
});
