import { setTimeout as delay } from 'node:timers/promises';
import { type ApiClient, isNotFound, type KnownResource, NAMESPACES } from '../../api/client/index.ts';

/** How often a server that is not up yet is asked again. */
const RETRY_MS = 100;

/** Resolves when the API server answers. @param waiting told of the first failure */
export async function serverUp(client: ApiClient, waiting: (error: unknown) => void): Promise<void> {
  for (let told = false; ; told = true) {
    try {
      await client.list(NAMESPACES, { fieldSelector: 'metadata.name=none' });
      return;
    } catch (error) {
      if (!told) waiting(error);
      await delay(RETRY_MS);
    }
  }
}

/** Those of some resources that this server knows: the others answer 404. Asked once, with an empty list. */
export async function servedResources(
  client: ApiClient,
  resources: readonly KnownResource[],
): Promise<KnownResource[]> {
  // At once: the informers of what is served take the connections over.
  const served = await Promise.all(
    resources.map(async (resource) => {
      try {
        await client.list(resource, { fieldSelector: 'metadata.name=none' });
        return [resource];
      } catch (error) {
        if (isNotFound(error)) return [];
        throw error;
      }
    }),
  );
  return served.flat();
}
