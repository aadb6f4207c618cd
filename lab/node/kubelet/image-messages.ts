import { familiarRef } from '../runtime/index.ts';

const missing = (image: string) =>
  `image "${image}" is not in the lab's image store; bring it in with: lab load-image ${familiarRef(image)}`;

/** Message of the waiting reason ErrImagePull: there is no registry, so it says how an image gets here. */
export const pullErrorMessage = (image: string): string => missing(image);
/** Message of ImagePullBackOff, in the real kubelet's words and with the next step. */
export const pullBackOffMessage = (image: string): string =>
  `Back-off pulling image "${image}": ErrImagePull: ${missing(image)}`;
export const pullNeverMessage = (image: string): string =>
  `Container image "${image}" is not present with pull policy of Never; bring it in with: lab load-image ${familiarRef(image)}`;
