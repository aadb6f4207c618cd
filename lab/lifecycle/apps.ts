import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { REPOSITORY } from '../engine/index.ts';
import type { Topology } from '../topology/index.ts';
import { ADDON } from './system/program.ts';

/** One manifest of an application. */
export interface AppText {
  /** `APP_FILE`, without the file's ending: no name has an underscore. */
  readonly name: string;
  readonly text: string;
}

/** The manifests of the applications that a topology asks for (`apps`), in the order of their names. */
export async function readApps(topology: Topology, folder = join(REPOSITORY, 'apps')): Promise<AppText[]> {
  const texts: AppText[] = [];
  for (const app of topology.apps ?? []) {
    const files = (await readdir(join(folder, app))).filter((file) => file.endsWith('.yaml')).sort();
    for (const file of files) {
      const text = await readFile(join(folder, app, file), 'utf8');
      texts.push({ name: `${app}_${file.slice(0, -'.yaml'.length)}`, text });
    }
  }
  return texts;
}

interface Labelled {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly labels?: object };
}

/** The objects of a manifest as the addon manager keeps them: with its label, and with their namespace. */
export function appObjects(text: string): object[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.contents === null) return [];
    const object = document.toJS() as Labelled;
    const { namespace, labels, ...metadata } = object.metadata;
    return [
      {
        ...object,
        metadata: {
          ...(object.kind === 'Namespace' ? {} : { namespace: namespace ?? 'default' }),
          ...metadata,
          labels: { ...labels, ...ADDON },
        },
      },
    ];
  });
}
