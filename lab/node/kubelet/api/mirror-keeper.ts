import {
  type ApiClient,
  type Informer,
  isAlreadyExists,
  isNotFound,
  PODS,
} from '../../../api/client/index.ts';
import { type Pod, podFullName } from '../../runtime/index.ts';
import { log } from '../log.ts';
import { mirrorPod, type NodeOwner, planMirrors } from './mirror-pod.ts';
import type { ApiPod } from './pod-from-api.ts';

const RETRY = 1000;

/** Keeps a mirror of each static pod in the API. */
export class MirrorKeeper {
  readonly #client: ApiClient;
  readonly #pods: Informer<ApiPod>;
  readonly #node: () => NodeOwner | undefined;
  #statics: readonly Pod[] | undefined;
  #busy = false;
  #again = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param node the node's own object, undefined until it is registered */
  constructor(client: ApiClient, pods: Informer<ApiPod>, node: () => NodeOwner | undefined) {
    this.#client = client;
    this.#pods = pods;
    this.#node = node;
    const look = () => this.look();
    pods.on({ add: look, update: look, delete: look });
  }

  setStatics(pods: readonly Pod[]): void {
    this.#statics = pods;
    this.look();
  }

  /** Something may have changed. */
  look(): void {
    this.#again = true;
    if (!this.#busy) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#again) {
        this.#again = false;
        await this.#round();
      }
    } catch (error) {
      log.error('Mirror pods cannot be brought up to date', { err: error as Error });
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.look(), RETRY);
    } finally {
      this.#busy = false;
    }
  }

  async #round(): Promise<void> {
    const node = this.#node();
    const statics = this.#statics;
    if (!this.#pods.isSynced || node === undefined || statics === undefined) return;
    const { create, remove } = planMirrors(statics, this.#pods.list());
    for (const { metadata } of remove) {
      const { name = '', namespace, uid } = metadata;
      log.info('Deleting a mirror pod', { pod: `${namespace}/${name}`, podUID: uid });
      await this.#client
        .delete(PODS, name, namespace, { gracePeriodSeconds: 0, uid })
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      if (uid !== undefined) this.#pods.forget(uid);
    }
    for (const pod of create) {
      log.info('Creating a mirror pod for static pod', { pod: podFullName(pod) });
      try {
        this.#pods.observe(await this.#client.create<ApiPod>(PODS, mirrorPod(pod, node)));
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
  }
}
