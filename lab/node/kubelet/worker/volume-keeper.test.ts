import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { NodeContext } from '../context.ts';
import { objectData } from '../env/index.ts';
import type { PodRecord } from '../pod-status.ts';
import { PodScope } from './pod-scope.ts';
import { VolumeKeeper } from './volume-keeper.ts';

const root = mkdtempSync(join(tmpdir(), 'volume-keeper-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A keeper of one pod with a configMap volume, whose content `read` tells. */
function keeper(read: () => string | Promise<string>) {
  const pod = {
    metadata: { name: 'p', namespace: 'd', uid: 'u' },
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'v', configMap: { name: 'cfg' } }],
    },
  };
  let triggered = 0;
  const context = {
    paths: { state: join(root, String(Math.random())) },
    clock: Date.now,
    event: (_pod: unknown, _type: string, reason: string, message: string) => {
      throw new Error(`${reason}: ${message}`);
    },
    objects: {
      follow: () => () => undefined,
      forget: () => undefined,
      get: async () => objectData('configmap', { data: { key: await read() } }),
    },
  } as unknown as NodeContext;
  const scope = new PodScope(context, { pod, containers: [] } as unknown as PodRecord, {
    trigger: () => {
      triggered += 1;
    },
    wakeIn: () => undefined,
    terminating: () => false,
    changed: () => undefined,
  });
  const volumes = new VolumeKeeper(scope);
  const shown = () => readFileSync(join(volumes.paths.get('v') ?? '', 'key'), 'utf8');
  return { volumes, shown, triggered: () => triggered };
}

it('keeps the paths when what they show changes', async () => {
  let content = 'old';
  const { volumes, shown, triggered } = keeper(() => content);
  expect(await volumes.ready()).toBe(true);
  content = 'new';
  volumes.invalidate();
  expect(triggered()).toBe(1);
  // As a container sees it that starts before the worker has looked again.
  expect(shown()).toBe('old');
  expect(await volumes.ready()).toBe(true);
  expect(shown()).toBe('new');
});

it('looks again when something has changed while it was looking', async () => {
  let reads = 0;
  const { volumes, shown } = keeper(() => {
    reads += 1;
    const content = `read ${reads}`;
    // The change comes after the object has been read.
    if (reads === 1) volumes.invalidate();
    return content;
  });
  await volumes.ready();
  expect(shown()).toBe('read 1');
  await volumes.ready();
  expect(shown()).toBe('read 2');
  await volumes.ready();
  expect(reads).toBe(2);
});
