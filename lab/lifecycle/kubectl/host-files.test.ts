import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Upload } from './arguments.ts';
import { hostEntries, pathKind } from './host-files.ts';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hoplab-test-'));
  const files = {
    'k8s/a.yaml': '',
    'k8s/b.json': '',
    'k8s/notes.txt': '',
    'k8s/sub/c.yml': '',
    'base/kustomization.yaml': 'resources: [deploy.yaml]\n',
    'base/deploy.yaml': '',
    'overlay/kustomization.yaml': 'resources:\n- ../base\n- nowhere\n',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  await symlink('a.yaml', join(root, 'k8s/link.yaml'));
  await symlink('..', join(root, 'k8s/up'));
  await symlink('nowhere', join(root, 'k8s/broken.yaml'));
});
afterAll(() => rm(root, { recursive: true }));

async function names(...uploads: (Omit<Upload, 'path'> & { path: string })[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { path, target } of hostEntries(
    uploads.map((upload) => ({ ...upload, path: join(root, upload.path) })),
  ))
    found.push(relative(root, path) + (target === undefined ? '' : ` -> ${target}`));
  return found;
}

it('takes the manifests of a directory, and those below when asked', async () => {
  expect(await names({ path: 'k8s', take: 'manifests' })).toEqual([
    'k8s',
    'k8s/a.yaml',
    'k8s/b.json',
    'k8s/link.yaml',
  ]);
  const below = await names({ path: 'k8s', take: 'manifests', recursive: true });
  expect(below).toContain('k8s/sub/c.yml');
  expect(below).not.toContain('k8s/notes.txt');
});

it('takes everything for cp, links as links', async () => {
  expect(await names({ path: 'k8s', take: 'tree' })).toEqual([
    'k8s',
    'k8s/a.yaml',
    'k8s/b.json',
    'k8s/broken.yaml -> nowhere',
    'k8s/link.yaml -> a.yaml',
    'k8s/notes.txt',
    'k8s/sub',
    'k8s/sub/c.yml',
    'k8s/up -> ..',
  ]);
});

it('follows a kustomization to its bases, each path once', async () => {
  const upload = { path: 'overlay', take: 'kustomization' } as const;
  expect(await names(upload, upload)).toEqual([
    'overlay',
    'overlay/kustomization.yaml',
    'base',
    'base/deploy.yaml',
    'base/kustomization.yaml',
  ]);
});

it('tells files, directories and pipes', () => {
  execFileSync('mkfifo', [join(root, 'pipe')]);
  expect(pathKind(join(root, 'pipe'))).toBe('file');
  expect(pathKind(join(root, 'k8s/up'))).toBe('directory');
  expect(pathKind(join(root, 'k8s/broken.yaml'))).toBeUndefined();
  expect(pathKind('/dev/null')).toBeUndefined();
});
