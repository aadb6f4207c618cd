import type { Container, Image } from '../../runtime/index.ts';
import { Backoff } from '../backoff.ts';
import { pullBackOffMessage, pullErrorMessage, pullNeverMessage } from '../image-messages.ts';
import { type PodScope, RESTART_BACKOFF } from './pod-scope.ts';

/** Lets a container through when the store has its image; there is no registry to pull one from. */
export class ImageGate {
  readonly #scope: PodScope;
  readonly #pulls: Backoff;
  /** When the next step of a container's waiting is due. */
  readonly #due = new Map<string, number>();

  constructor(scope: PodScope) {
    this.#scope = scope;
    this.#pulls = new Backoff(...RESTART_BACKOFF, scope.context.clock);
  }

  /** @returns the image, or undefined when the container has to wait for it; then an event or a timer will wake. */
  async pass(container: Container): Promise<Image | undefined> {
    const scope = this.#scope;
    const { name } = container;
    const image = await scope.context.images.find(container.image);
    if (image !== undefined) {
      this.#pulls.reset(name);
      this.#due.delete(name);
      const present = `Container image "${container.image}" already present on machine`;
      scope.event('Normal', 'Pulled', present, name);
      return image;
    }
    if (container.imagePullPolicy === 'Never') {
      const message = pullNeverMessage(container.image);
      if (scope.waiting.get(name)?.message !== message) {
        scope.event('Warning', 'ErrImageNeverPull', message, name);
        scope.event('Warning', 'Failed', 'Error: ErrImageNeverPull', name);
      }
      scope.wait(container, 'ErrImageNeverPull', message);
      return undefined;
    }
    this.#waitForImage(container);
    return undefined;
  }

  /** The store is watched; the timers only turn the reason from ErrImagePull to ImagePullBackOff and back. */
  #waitForImage(container: Container): void {
    const scope = this.#scope;
    const { name, image } = container;
    const now = scope.now();
    const left = (this.#due.get(name) ?? now) - now;
    const before = scope.waiting.get(name)?.reason;
    if (left > 0) {
      scope.wake.wakeIn(left);
      if (before !== 'ErrImagePull') return;
      const message = pullBackOffMessage(image);
      scope.event('Normal', 'BackOff', `Back-off pulling image "${image}"`, name);
      scope.event('Warning', 'Failed', 'Error: ImagePullBackOff', name);
      scope.wait(container, 'ImagePullBackOff', message);
      return;
    }
    this.#pulls.next(name, now);
    this.#due.set(name, now + this.#pulls.wait(name));
    const message = pullErrorMessage(image);
    scope.event('Normal', 'Pulling', `Pulling image "${image}"`, name);
    scope.event('Warning', 'Failed', `Failed to pull image "${image}": ${message}`, name);
    scope.event('Warning', 'Failed', 'Error: ErrImagePull', name);
    scope.wait(container, 'ErrImagePull', message);
    // As soon as the real one looks again.
    scope.wake.wakeIn(FIRST_LOOK);
  }
}

/** How long ErrImagePull shows before it becomes ImagePullBackOff; the real kubelet's next sync is about that far. */
const FIRST_LOOK = 2000;
