import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { REPOSITORY } from '../engine/index.ts';
import type { Topology } from '../topology/index.ts';
import { appObjects, readApps } from './apps.ts';
import { imageNames, imagesToBring } from './images/index.ts';

interface Known {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels: object };
}

const NAMES = readdirSync(join(REPOSITORY, 'apps')).sort();
const topology = (apps: readonly string[]) => ({ apps }) as unknown as Topology;

it('reads the manifests of the applications that are asked for, and of no other', async () => {
  expect(await readApps(topology([]))).toEqual([]);
  expect((await readApps(topology(['guestbook']))).map(({ name }) => name)).toEqual([
    'guestbook_guestbook',
    'guestbook_ingress',
  ]);
});

it.each(NAMES)(
  '%s: every object has a namespace of its own and the label of the addon manager',
  async (name) => {
    for (const { text } of await readApps(topology([name]))) {
      for (const { kind, metadata } of appObjects(text) as Known[]) {
        expect(metadata.labels).toMatchObject({ 'addonmanager.kubernetes.io/mode': 'Reconcile' });
        if (kind !== 'Namespace') expect(metadata.namespace).toMatch(/^(default|ingress-nginx)$/);
      }
    }
  },
);

it.each(NAMES)('%s: every image is one of the lab', async (name) => {
  const texts = await readApps(topology([name]));
  const images = texts.flatMap(({ text }) => imageNames(text));
  expect(images).not.toEqual([]);
  expect(imagesToBring(images).sort()).toEqual([...new Set(images)].sort());
});

it('keeps the labels an object has', () => {
  const [service] = appObjects('kind: Service\nmetadata: { name: a, labels: { app: b } }\n') as Known[];
  expect(service?.metadata).toEqual({
    namespace: 'default',
    name: 'a',
    labels: { app: 'b', 'addonmanager.kubernetes.io/mode': 'Reconcile' },
  });
});

it.each([
  ['wordpress-all-in-one.yaml', 'networking.k8s.io/v1'],
  ['wordpress-all-in-one-v1beta1.yaml', 'extensions/v1beta1'],
])('%s is the application with an Ingress of %s', (file, apiVersion) => {
  const objects = (path: string) =>
    parseAllDocuments(readFileSync(join(REPOSITORY, path), 'utf8')).map((document) => document.toJS());
  const [ingress, ...rest] = objects(`scenarios/ingress/manifests/${file}`);
  expect(ingress).toMatchObject({ apiVersion, kind: 'Ingress' });
  expect(rest).toEqual(objects('apps/wordpress/wordpress.yaml'));
});
