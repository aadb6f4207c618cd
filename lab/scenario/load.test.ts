import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadScenarios } from './load.ts';
import { parsePods } from './manifests.ts';

const definition = JSON.stringify(resolve(import.meta.dirname, 'definition.ts'));
let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hoplab-load-'));
  await put('routing', 'bgp', "title: 'B', chapter: 'routing', figures: ['14', '15']");
  await put('pods', 'two-nodes', "title: 'T', chapter: 'pods', figures: ['16']");
  await put('pods', 'model', "title: 'M', chapter: 'pods'");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function put(folder: string, name: string, fields: string): Promise<void> {
  await mkdir(join(dir, folder), { recursive: true });
  const text = `import { scenario } from ${definition};\nexport default scenario({ ${fields}, story: async () => {} });\n`;
  await writeFile(join(dir, folder, `${name}.ts`), text);
}

describe('loadScenarios', () => {
  const ids = async (...filter: string[]) => (await loadScenarios(dir, filter)).map(({ id }) => id);

  test('orders by chapter, from the pod outwards, then by name', async () => {
    expect(await ids()).toEqual(['pods/model', 'pods/two-nodes', 'routing/bgp']);
  });
  test('leaves out what scenarios share', async () => {
    await writeFile(join(dir, 'pods', 'places.part.ts'), 'export const places = 3;\n');
    expect(await ids('pods')).toEqual(['pods/model', 'pods/two-nodes']);
  });
  test('selects by name, id, chapter and figure', async () => {
    expect(await ids('bgp')).toEqual(['routing/bgp']);
    expect(await ids('pods/model', 'figure-15')).toEqual(['pods/model', 'routing/bgp']);
    expect(await ids('pods')).toEqual(['pods/model', 'pods/two-nodes']);
  });
  test('a name that nothing has is an error, not an empty run', async () => {
    await expect(ids('bpg')).rejects.toMatchObject({
      code: 'E_NO_SCENARIO',
      exitCode: 2,
      next: expect.stringMatching(/^did you mean bgp\?/),
    });
    await expect(ids('nothing-like-it')).rejects.toMatchObject({ detail: expect.stringContaining('bgp') });
  });
  test('a file that is no scenario, or in the wrong folder, is an error', async () => {
    await put('pods', 'stray', "title: 'S', chapter: 'nodes'");
    await expect(ids()).rejects.toThrow('it says chapter nodes and lies in pods');
    await writeFile(join(dir, 'pods', 'none.ts'), 'export default {};\n');
    await expect(ids()).rejects.toThrow('none.ts: its default export is no scenario');
  });
});

describe('parsePods', () => {
  const nodes = ['worker1', 'worker2'];
  test('fills in namespace and node, and leaves the rest as it is', () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: two\nspec:\n  # kept\n  restartPolicy: Never\n';
    const [pod] = parsePods(text, 'p.yaml', nodes, 'worker1');
    expect(pod).toMatchObject({ namespace: 'default', name: 'two', node: 'worker1' });
    expect(pod?.yaml).toContain('# kept');
    expect(parse(pod?.yaml ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'two', namespace: 'default' },
      spec: { restartPolicy: 'Never', nodeName: 'worker1' },
    });
  });
  test('reads several documents', () => {
    const one = (name: string) =>
      `kind: Pod\nmetadata: {name: ${name}, namespace: x}\nspec: {nodeName: worker2}\n`;
    const pods = parsePods(`${one('a')}---\n${one('b')}---\n`, 'p.yaml', nodes);
    expect(pods.map(({ namespace, name, node }) => `${namespace}/${name}@${node}`)).toEqual([
      'x/a@worker2',
      'x/b@worker2',
    ]);
  });
  test.each([
    ['kind: Service\nmetadata: {name: a}\n', 'a document is no Pod but Service'],
    ['kind: Pod\nspec: {}\n', 'a pod has no metadata.name'],
    ['kind: Pod\nmetadata: {name: a}\nspec: {}\n', 'the pod a has no spec.nodeName'],
    ['kind: Pod\nmetadata: {name: a}\nspec: {nodeName: w9}\n', 'the pod a wants the node w9'],
    ['kind: Pod\nmetadata: {name: a\n', 'p.yaml: '],
  ])('refuses %j', (text, message) => {
    expect(() => parsePods(text, 'p.yaml', nodes)).toThrow(message);
  });
});
