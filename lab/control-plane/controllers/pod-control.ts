import {
  type ApiClient,
  type EventRecorder,
  isNamespaceTerminating,
  isNotFound,
  PODS,
} from '../../api/client/index.ts';
import type { ApiObject, OwnerReference, Pod, PodTemplateSpec } from '../../api/objects/index.ts';

/** A pod of a template, without a name yet: the server completes `<owner>-`. pkg/controller GetPodFromTemplate. */
export function podFromTemplate(
  owner: ApiObject,
  controller: OwnerReference,
  template: PodTemplateSpec,
): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      ...(owner.metadata.namespace ? { namespace: owner.metadata.namespace } : {}),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controller],
    },
    spec: template.spec,
  };
}

/** Creates and deletes the pods of a controller, with the events that kubectl describe shows on it. */
export class PodControl {
  readonly #client: ApiClient;
  readonly #events: EventRecorder;

  constructor(client: ApiClient, events: EventRecorder) {
    this.#client = client;
    this.#events = events;
  }

  /** @throws ApiError; after an event FailedCreate, unless the namespace is being deleted */
  async create(owner: ApiObject, pod: Pod): Promise<void> {
    try {
      const created = await this.#client.create<Pod>(PODS, pod);
      this.#events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    } catch (error) {
      if (!isNamespaceTerminating(error)) {
        this.#events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`);
      }
      throw error;
    }
  }

  /** Deletes this very pod; one that has gone already counts as deleted. */
  async delete(owner: ApiObject, pod: Pod): Promise<void> {
    const { name = '', namespace, uid } = pod.metadata;
    try {
      await this.#client.delete(PODS, name, namespace, { uid });
      this.#events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (isNotFound(error)) return;
      this.#events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${(error as Error).message}`);
      throw error;
    }
  }
}

/**
 * Runs `count` calls in batches of 1, 2, 4, …: a batch is begun only when the one before succeeded, so that a quota or a bad
 * template costs few requests. pkg/controller/replicaset slowStartBatch.
 *
 * @throws the first failure, after its batch
 */
export async function slowStart(count: number, run: (index: number) => Promise<void>): Promise<void> {
  for (let done = 0, size = 1; done < count; size *= 2) {
    const batch = Math.min(size, count - done);
    const first = done;
    const results = await Promise.allSettled(Array.from({ length: batch }, (_, index) => run(first + index)));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
    done += batch;
  }
}
