import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileDatastore } from './index.ts';

interface Kinds {
  Counter: { n: number };
}

/** Adds 1 to one counter again and again (or makes and deletes it) and reports each success as a message. */
const WORKER = new URL('./hammer.test-worker.ts', import.meta.url).pathname;

let root: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hoplab-hammer-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function hammer(mode: string, rounds: number): { child: ChildProcess; successes: Promise<number> } {
  const child = fork(WORKER, [root, mode, String(rounds)], { execArgv: ['--import', 'tsx'] });
  children.push(child);
  let count = 0;
  child.on('message', () => count++);
  return { child, successes: new Promise((resolve) => child.on('close', () => resolve(count))) };
}

describe('processes on one object', () => {
  it('loses no update', { timeout: 60_000 }, async () => {
    const store = new FileDatastore<Kinds>(root);
    await store.create('Counter', 'c', { n: 0 });
    const results = await Promise.all([1, 2, 3, 4].map(() => hammer('count', 200).successes));
    expect(results).toEqual([200, 200, 200, 200]);
    expect((await store.get('Counter', 'c'))?.value).toEqual({ n: 800 });
  });

  it('lets one of many creators win, and one of many deleters', { timeout: 60_000 }, async () => {
    const results = await Promise.all([1, 2, 3].map(() => hammer('create-delete', 300).successes));
    const total = results.reduce((a, b) => a + b);
    expect(total).toBeGreaterThan(300);
    // Each success was one create and one delete by the same process, so nothing is left over.
    expect(await new FileDatastore<Kinds>(root).list('Counter')).toEqual([]);
  });

  it('stays whole when writers are killed', { timeout: 60_000 }, async () => {
    const store = new FileDatastore<Kinds>(root);
    await store.create('Counter', 'c', { n: 0 });
    let acknowledged = 0;
    const rounds = 4;
    for (let round = 0; round < rounds; round++) {
      const victim = hammer('count', 1_000_000);
      const killAfter = 20 + round * 37;
      let seen = 0;
      victim.child.on('message', () => {
        if (++seen === killAfter) victim.child.kill('SIGKILL');
      });
      acknowledged += await victim.successes;
    }
    const { n } = (await store.get('Counter', 'c'))?.value ?? { n: -1 };
    // What was acknowledged is there. (A victim may have written more than it could still report.)
    expect(n).toBeGreaterThanOrEqual(acknowledged);
    expect(await hammer('count', 10).successes).toBe(10);
    expect((await store.get('Counter', 'c'))?.value).toEqual({ n: n + 10 });
  });
});
