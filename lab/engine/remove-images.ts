import type { Engine } from './connect.ts';
import { asking } from './errors.ts';
import { IMAGE_VOLUME } from './image-store.ts';
import { LABEL, labelFilter } from './labels.ts';
import { removeVolume } from './volumes.ts';

/**
 * Removes what survives `down`: the images that hoplab built and the store of unpacked pod images. Nothing of it may
 * be in use by a lab.
 */
export async function removeImages(engine: Engine): Promise<void> {
  await removeVolume(engine, IMAGE_VOLUME);
  const images = await engine.docker.listImages({ filters: JSON.stringify(labelFilter(LABEL.image)) });
  for (const tag of images.flatMap(({ RepoTags }) => RepoTags ?? [])) {
    await asking(`image ${tag} cannot be removed`, ['docker', 'rmi', tag], () =>
      engine.docker.getImage(tag).remove(),
    );
  }
}
