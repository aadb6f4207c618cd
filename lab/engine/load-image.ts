import type { ImageInspectInfo } from 'dockerode';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { Engine } from './connect.ts';
import { isNotFound } from './errors.ts';
import { podImages } from './image-folders.ts';
import { similarNames, standIn } from './image-ref.ts';
import { ensureInStore, hexId, type StoredRef } from './image-store.ts';
import { ensureImages } from './images.ts';
import type { OnImageProgress } from './progress.ts';

/**
 * `lab load-image NAME`: brings any image of the user's engine, by name or id, into the store. A name that the engine
 * has not may be one that an image of the lab stands in for: that is built and brought.
 * Throws HoplabError `E_NO_IMAGE` with the names that resemble it.
 */
export async function loadImage(
  engine: Engine,
  name: string,
  onProgress?: OnImageProgress,
): Promise<StoredRef[]> {
  let image: ImageInspectInfo;
  try {
    image = await engine.docker.getImage(name).inspect();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const own = await bringPodImages(engine, [name], onProgress);
    if (own.length > 0) return own;
    const known = (await engine.docker.listImages())
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .filter((tag) => tag !== '<none>:<none>');
    const similar = similarNames(name, known);
    throw new HoplabError({
      code: 'E_NO_IMAGE',
      message: `the engine has no image ${name}`,
      exitCode: EXIT.usage,
      ...(similar.length ? { detail: `did you mean ${similar.join(', ')}?` } : {}),
      next: `docker pull ${name}    (or docker build -t ${name} ., or docker images for what there is)`,
      cause: error,
    });
  }
  // By id, the image's own names are those that pods will use.
  const named = hexId(image).startsWith(name.replace(/^sha256:/, ''))
    ? [...(image.RepoTags ?? []), name]
    : [name];
  return ensureInStore(
    engine,
    named.map((ref) => ({ ref, image: image.Id })),
  );
}

/**
 * Builds the lab's images that stand in for references, and brings them into the store under these names. References
 * that none stands in for are left out.
 */
export async function bringPodImages(
  engine: Engine,
  refs: readonly string[],
  onProgress?: OnImageProgress,
): Promise<StoredRef[]> {
  const images = podImages();
  const wanted = [...new Set(refs)].flatMap((ref) => {
    const name = standIn(ref, images);
    return name ? [{ ref, name }] : [];
  });
  if (wanted.length === 0) return [];
  const built = await ensureImages(
    engine,
    wanted.map(({ name }) => name),
    onProgress,
  );
  return ensureInStore(
    engine,
    wanted.map(({ ref, name }) => ({ ref, image: built[name].tag, standIn: true })),
  );
}
