import { type Kind, type KubeObject, resourceKey } from '../../../lab/control-plane/registry/index.ts';
import type { TestServer } from './server.ts';
import { vectorFile, vectorFiles } from './vectors.ts';

const FOLDER = 'manifests/state-main/';

/** Puts the recorded objects of the main state into the store as they are, those of served kinds. */
export async function loadMainState(server: TestServer, kinds: readonly Kind[]): Promise<void> {
  for (const file of vectorFiles().filter((name) => name.startsWith(FOLDER))) {
    const plural = file.slice(FOLDER.length, -'.json'.length);
    const list = JSON.parse(vectorFile(file)) as { apiVersion: string; items: KubeObject[] };
    const group = list.apiVersion.includes('/') ? (list.apiVersion.split('/')[0] ?? '') : '';
    const kind = kinds.find((each) => each.plural === plural && each.group === group);
    if (!kind) continue;
    for (const item of list.items) {
      const object = { ...item, apiVersion: list.apiVersion, kind: kind.kind };
      delete object.metadata.managedFields;
      await server.api.store.put(resourceKey(kind), object);
    }
  }
}
