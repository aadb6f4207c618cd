import {
  type ApiClient,
  type Clock,
  type Informer,
  isAlreadyExists,
  isNotFound,
  PODS,
  systemClock,
} from '../../../api/client/index.ts';
import { type Pod, podFullName } from '../../runtime/index.ts';
import { log } from '../log.ts';
import { mirrorKey, mirrorPod, type NodeOwner, planMirrors } from './mirror-pod.ts';
import { type ApiPod, isMirror } from './pod-from-api.ts';

const RETRY = 1000;

/**
 * How long a mirror stays away after somebody has deleted it, in ms. `kubectl delete` waits for the pod to go by listing it and
 * looking at what it listed up to 100 ms later (client-go UntilWithSync, WaitForCacheSync); a new pod of the same name in that
 * moment is to it the old one, and it waits for ever. The real kubelet looks at its pods once in a second (PLEG's relist period).
 */
const STAYS_AWAY = 1000;

/** Keeps a mirror of each static pod in the API. */
export class MirrorKeeper {
  readonly #client: ApiClient;
  readonly #pods: Informer<ApiPod>;
  readonly #node: () => NodeOwner | undefined;
  #statics: readonly Pod[] | undefined;
  #busy = false;
  #again = false;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  /** When mirrors went, by namespace and name, in ms of the epoch. */
  readonly #gone = new Map<string, number>();

  /** @param node the node's own object, undefined until it is registered */
  constructor(
    client: ApiClient,
    pods: Informer<ApiPod>,
    node: () => NodeOwner | undefined,
    clock: Clock = systemClock,
  ) {
    this.#clock = clock;
    this.#client = client;
    this.#pods = pods;
    this.#node = node;
    const look = () => this.look();
    const gone = (pod: ApiPod) => {
      if (isMirror(pod)) this.#gone.set(mirrorKey(pod.metadata), this.#clock.now());
      this.look();
    };
    pods.on({ add: look, update: look, delete: gone });
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
      this.#lookIn(RETRY);
    } finally {
      this.#busy = false;
    }
  }

  #lookIn(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(ms, () => this.look());
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
      const away = this.#clock.now() - (this.#gone.get(mirrorKey(pod.metadata)) ?? 0);
      if (away < STAYS_AWAY) {
        this.#lookIn(STAYS_AWAY - away);
        continue;
      }
      log.info('Creating a mirror pod for static pod', { pod: podFullName(pod) });
      try {
        this.#pods.observe(await this.#client.create<ApiPod>(PODS, mirrorPod(pod, node)));
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
  }
}
