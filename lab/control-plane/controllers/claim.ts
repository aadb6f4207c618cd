import { type ApiClient, isNotFound, type KnownResource } from '../../api/client/index.ts';
import type { ApiObject, LabelSelector } from '../../api/objects/index.ts';
import { controllerOf, controllerReference } from '../../api/owners.ts';
import { selects } from '../../api/selectors.ts';

export type Claim = 'owned' | 'adopt' | 'release' | 'other';

/**
 * What an owner has to do with an object in its namespace: keep it, adopt an orphan that its selector matches, let go one whose
 * labels have been changed. BaseControllerRefManager.ClaimObject.
 */
export function claimOf(object: ApiObject, owner: ApiObject, selector: LabelSelector): Claim {
  const controller = controllerOf(object);
  const matching = selects(selector, object.metadata.labels);
  if (controller) {
    if (controller.uid !== owner.metadata.uid) return 'other';
    if (matching) return 'owned';
    return owner.metadata.deletionTimestamp ? 'other' : 'release';
  }
  if (!matching || owner.metadata.deletionTimestamp || object.metadata.deletionTimestamp) return 'other';
  return 'adopt';
}

export interface ClaimOptions<T> {
  readonly client: ApiClient;
  readonly ref: KnownResource;
  readonly owner: ApiObject;
  readonly ownerRef: KnownResource;
  readonly selector: LabelSelector;
  readonly candidates: readonly T[];
  /** An object that is not wanted as an orphan, e.g. a pod that has ended. */
  readonly adoptable?: (object: T) => boolean;
}

/** The objects that belong to an owner, after adopting and releasing what has to be. */
export async function claim<T extends ApiObject>(options: ClaimOptions<T>): Promise<T[]> {
  const { client, ref, owner, ownerRef, selector, candidates, adoptable } = options;
  const claimed: T[] = [];
  let mayAdopt: Promise<boolean> | undefined;
  for (const object of candidates) {
    const what = claimOf(object, owner, selector);
    if (what === 'owned') claimed.push(object);
    if (what === 'release') await release(client, ref, object, owner);
    if (what !== 'adopt' || adoptable?.(object) === false) continue;
    // Asked of the server, not of the cache: an owner deleted and created again must not adopt in its old life.
    mayAdopt ??= isAlive(client, ownerRef, owner);
    if (await mayAdopt) {
      const adopted = await adopt(client, ref, object, owner, ownerRef);
      if (adopted) claimed.push(adopted);
    }
  }
  return claimed;
}

async function isAlive(client: ApiClient, ref: KnownResource, { metadata }: ApiObject): Promise<boolean> {
  try {
    const fresh = await client.get<ApiObject>(ref, metadata.name ?? '', metadata.namespace);
    return fresh.metadata.uid === metadata.uid && !fresh.metadata.deletionTimestamp;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function adopt<T extends ApiObject>(
  client: ApiClient,
  ref: KnownResource,
  object: T,
  owner: ApiObject,
  { group, version, kind }: KnownResource,
): Promise<T | undefined> {
  const reference = controllerReference(owner, kind, group ? `${group}/${version}` : version);
  const ownerReferences = [...(object.metadata.ownerReferences ?? []), reference];
  return patchOwners(client, ref, object, ownerReferences);
}

async function release<T extends ApiObject>(
  client: ApiClient,
  ref: KnownResource,
  object: T,
  owner: ApiObject,
) {
  const rest = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
  await patchOwners(client, ref, object, rest.length > 0 ? rest : null);
}

/** The uid in the patch makes it fail for another object of the same name. */
async function patchOwners<T extends ApiObject>(
  client: ApiClient,
  ref: KnownResource,
  { metadata }: T,
  ownerReferences: unknown,
): Promise<T | undefined> {
  const patch = {
    metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, ownerReferences },
  };
  try {
    return await client.patch<T>(ref, metadata.name ?? '', metadata.namespace, patch);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
