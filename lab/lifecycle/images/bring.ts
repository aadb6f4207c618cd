import {
  type BuiltImage,
  bringPodImages,
  type Engine,
  type ImageName,
  type ImageProgress,
  podImages,
  type StoreEntry,
  standIn,
} from '../../engine/index.ts';
import { POD_IMAGES } from '../wanted.ts';

/** Names under which `up` has brought images already: nothing is to be done for them. */
const AT_UP: ReadonlySet<string> = new Set(POD_IMAGES.flatMap((name) => [name, `${name}:latest`]));

/** Of references, those that an image of the lab stands in for and that `up` has not brought. */
export function imagesToBring(refs: readonly string[]): string[] {
  const rest = [...new Set(refs)].filter((ref) => !AT_UP.has(ref));
  if (rest.length === 0) return [];
  const images = podImages();
  return rest.filter((ref) => standIn(ref, images) !== undefined);
}

/** The images of the lab that stand in for references, each once. */
export function imagesFor(refs: readonly string[]): ImageName[] {
  const images = podImages();
  return [...new Set(refs.flatMap((ref) => standIn(ref, images) ?? []))];
}

/**
 * What the image store is to have for references.
 *
 * @param built the images of {@link imagesFor}
 */
export function standInEntries(
  refs: readonly string[],
  built: Readonly<Partial<Record<ImageName, BuiltImage>>>,
): StoreEntry[] {
  const images = podImages();
  return refs.flatMap((ref) => {
    const name = standIn(ref, images);
    const image = name && built[name];
    return image ? [{ ref, image: image.tag, standIn: true }] : [];
  });
}

/**
 * Builds and brings the lab's images that pods are about to ask for. References that no image of the lab stands in
 * for are left alone: their pods say what to do.
 *
 * @param refs images as manifests name them
 * @param note receives a line when an image has to be built, and when it is
 * @throws HoplabError E_IMAGE_BUILD
 */
export async function bringImages(
  engine: Engine,
  refs: readonly string[],
  note: (line: string) => void,
): Promise<void> {
  const wanted = imagesToBring(refs);
  if (wanted.length === 0) return;
  await bringPodImages(engine, wanted, ({ image, state, text }: ImageProgress) => {
    if (state !== 'step') note(`image ${image}: ${text}`);
  });
}
