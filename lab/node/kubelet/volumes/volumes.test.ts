import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Pod, Volume } from '../../runtime/index.ts';
import { dataKey, objectData } from '../env/index.ts';
import { writeVolume } from './atomic-writer.ts';
import { claimPath } from './claim.ts';
import { volumeFiles, volumeReferences } from './content.ts';

const pod: Pod = {
  metadata: { name: 'p', namespace: 'd', uid: 'u', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};
const placed = { podIP: '', hostIP: '', nodeName: 'n', allocatable: {} };
const objects = new Map([
  [
    dataKey('configmap', 'cfg'),
    objectData('configmap', { data: { a: '1', b: '2' }, binaryData: { c: '/w==' } }),
  ],
  [dataKey('secret', 's'), objectData('secret', { data: { key: 'dmFsdWU=' } })],
]);
const files = (volume: Omit<Volume, 'name'>) =>
  Object.fromEntries(
    [
      ...(volumeFiles(
        { name: 'v', ...volume },
        { pod, placed, objects, tokens: new Map([['/3607', 'T']]) },
      ) ?? []),
    ].map(([path, { data, mode }]) => [path, `${data.toString('latin1')} ${mode.toString(8)}`]),
  );

describe('volumeFiles', () => {
  it('shows all keys, or the items, with their modes', () => {
    expect(files({ configMap: { name: 'cfg' } })).toEqual({ a: '1 644', b: '2 644', c: 'ÿ 644' });
    const items = [{ key: 'a', path: 'deep/x', mode: 0o400 }];
    expect(files({ configMap: { name: 'cfg', items, defaultMode: 0o600 } })).toEqual({ 'deep/x': '1 400' });
    expect(files({ secret: { secretName: 's', defaultMode: 0o400 } })).toEqual({ key: 'value 400' });
  });
  it('joins the sources of a projected volume', () => {
    const sources = [
      { secret: { name: 's' } },
      { configMap: { name: 'none', optional: true } },
      { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
    ];
    expect(files({ projected: { sources } })).toEqual({
      key: 'value 644',
      labels: 'app="web" 644',
      token: 'T 644',
    });
  });
  it('says what is missing', () => {
    expect(() => files({ configMap: { name: 'x' } })).toThrow('configmap "x" not found');
    expect(files({ secret: { secretName: 'x', optional: true } })).toEqual({});
    expect(() => files({ configMap: { name: 'cfg', items: [{ key: 'z', path: 'z' }] } })).toThrow(
      'configmap references non-existent config key: z',
    );
    expect(() => files({ configMap: { name: 'cfg', items: [{ key: 'a', path: '../a' }] } })).toThrow(
      'invalid path',
    );
  });
  it('knows what it refers to', () => {
    const volumes: Volume[] = [
      { name: 'a', configMap: { name: 'cfg' } },
      { name: 'b', projected: { sources: [{ configMap: { name: 'cfg' } }, { secret: { name: 's' } }] } },
      { name: 'c', emptyDir: {} },
    ];
    expect(volumeReferences(volumes)).toEqual([
      { kind: 'configmap', name: 'cfg' },
      { kind: 'secret', name: 's' },
    ]);
  });
});

describe('writeVolume', () => {
  const root = mkdtempSync(join(tmpdir(), 'atomic-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const state = (content: Record<string, string>, mode = 0o644) =>
    new Map(Object.entries(content).map(([path, text]) => [path, { data: Buffer.from(text), mode }]));

  it('puts each state into a directory of its own, behind ..data', async () => {
    expect(await writeVolume(root, state({ a: '1', 'deep/b': '2' }, 0o600))).toBe(true);
    expect(readlinkSync(join(root, 'a'))).toBe('..data/a');
    expect(readlinkSync(join(root, 'deep'))).toBe('..data/deep');
    expect(readFileSync(join(root, 'deep/b'), 'utf8')).toBe('2');
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o600);
    expect(readlinkSync(join(root, '..data'))).toMatch(/^\.\.20\d\d_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+$/);
  });
  it('does nothing when nothing has changed', async () => {
    const before = readlinkSync(join(root, '..data'));
    expect(await writeVolume(root, state({ a: '1', 'deep/b': '2' }, 0o600))).toBe(false);
    expect(readlinkSync(join(root, '..data'))).toBe(before);
  });
  it('takes old names away and leaves no old state behind', async () => {
    await writeVolume(root, state({ a: 'new', c: '3' }));
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('new');
    const names = readdirSync(root);
    expect(names.filter((name) => !name.startsWith('..')).sort()).toEqual(['a', 'c']);
    expect(names.filter((name) => /^\.\.20/.test(name))).toEqual([readlinkSync(join(root, '..data'))]);
  });
});

describe('claimPath', () => {
  const claims = (claim: object, volume: object) => ({
    claim: async () => claim as never,
    volume: async () => volume as never,
  });
  it('is the path of a bound local or hostPath volume', async () => {
    const bound = { metadata: {}, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } };
    expect(await claimPath(claims(bound, { spec: { hostPath: { path: '/h' } } }), 'd', 'c')).toBe('/h');
    expect(await claimPath(claims(bound, { spec: { local: { path: '/l' } } }), 'd', 'c')).toBe('/l');
    await expect(claimPath(claims({ metadata: {}, spec: {} }, {}), 'd', 'c')).rejects.toThrow(
      'error processing PVC d/c: PVC is not bound',
    );
  });
});
