import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { ImageInspectInfo } from 'dockerode';
import { type FileSpec, getFiles, putFiles, putTar } from './archive.ts';
import type { Engine } from './connect.ts';
import { removeContainer } from './containers.ts';
import { asking } from './errors.ts';
import { normaliseRef, refSpellings } from './image-ref.ts';
import { LABEL } from './labels.ts';
import { HOPLAB_VERSION } from './version.ts';

/**
 * The store from which all nodes run pods' images: one Docker volume with each image unpacked, shared by all labs.
 * Like images, it survives `down`. Layout, as the kubelet reads it:
 *
 *     refs/<encodeURIComponent(ref)>.json    {"id":"<hex>","ref":"nginx:latest"}, and "standIn":true (StoredRef)
 *     <id>/config.json                       Env, Entrypoint, Cmd, WorkingDir, User
 *     <id>/rootfs/                           the file system
 *     <id>/complete                          written after all of the above; without it the image is not there
 */
export const IMAGE_VOLUME = 'hoplab-images';
const MOUNT = '/store';

export interface StoreEntry {
  /** The name pods use. */
  readonly ref: string;
  /** The engine's image: tag or id. */
  readonly image: string;
  /** The image only stands in for one of that name: a user's own under it stays. */
  readonly standIn?: boolean;
}

/** One image in the store under one name. */
export interface StoredRef {
  readonly ref: string;
  /** Hex digits of the image's id. */
  readonly id: string;
  /** The lab's image stands in for one of that name. */
  readonly standIn?: boolean;
}

/** Makes the store's volume. Returns its name. */
export async function ensureImageVolume(engine: Engine): Promise<string> {
  await asking(`volume ${IMAGE_VOLUME} cannot be created`, ['docker', 'volume', 'create', IMAGE_VOLUME], () =>
    engine.docker.createVolume({
      Name: IMAGE_VOLUME,
      Labels: { [LABEL.cache]: 'images', [LABEL.version]: HOPLAB_VERSION },
    }),
  );
  return IMAGE_VOLUME;
}

/**
 * Brings images into the store under the given names (and their other spellings); what is there already costs one look.
 * Returns the references as they now are.
 */
export async function ensureInStore(
  engine: Engine,
  entries: readonly StoreEntry[],
  onCopy: (ref: string) => void = () => {},
): Promise<StoredRef[]> {
  const [first] = entries;
  if (!first) return [];
  await ensureImageVolume(engine);
  const wanted = await Promise.all(
    entries.map(async (entry) => ({ ...entry, image: await inspectImage(engine, entry.image) })),
  );
  return withStore(engine, first.image, async (helper) => {
    const present = await readRefs(engine, helper);
    const complete = new Set([...present.values()].map(({ id }) => id));
    const stored: StoredRef[] = [];
    for (const { ref, image, standIn } of wanted) {
      const id = hexId(image);
      const there = present.get(normaliseRef(ref));
      if (standIn && there && !there.standIn) {
        stored.push(there);
        continue;
      }
      const entry = { id, ref: normaliseRef(ref), ...(standIn ? { standIn } : {}) };
      stored.push(entry);
      if (!complete.has(id)) {
        onCopy(ref);
        await copyImage(engine, helper, image);
        complete.add(id);
      }
      const names = refSpellings(ref).filter((name) => {
        const known = present.get(name);
        return known?.id !== id || known.standIn !== standIn;
      });
      if (names.length)
        await putFiles(
          engine,
          helper,
          names.map((name) => refFile(name, entry)),
        );
    }
    return stored;
  });
}

/** The references in the store, one per image and canonical name. */
export async function listStore(engine: Engine, helperImage: string): Promise<StoredRef[]> {
  await ensureImageVolume(engine);
  const refs = await withStore(engine, helperImage, (helper) => readRefs(engine, helper));
  return [...refs].filter(([ref]) => normaliseRef(ref) === ref).map(([ref, stored]) => ({ ...stored, ref }));
}

async function inspectImage(engine: Engine, image: string): Promise<ImageInspectInfo> {
  return asking(`image ${image} cannot be inspected`, ['docker', 'image', 'inspect', image], () =>
    engine.docker.getImage(image).inspect(),
  );
}

/** An image's id without the name of its hash. */
export const hexId = (image: { Id: string }): string => image.Id.replace(/^sha256:/, '');

/** A container that is never started, through which the engine's archive calls reach the volume. */
async function withStore<T>(engine: Engine, image: string, work: (helper: string) => Promise<T>): Promise<T> {
  const helper = await asking(
    'a helper container for the image store cannot be created',
    ['docker', 'create', '-v', `${IMAGE_VOLUME}:${MOUNT}`, image],
    () =>
      engine.docker.createContainer({
        Image: image,
        Entrypoint: ['/nonexistent'],
        Labels: { [LABEL.helper]: 'image-store', [LABEL.version]: HOPLAB_VERSION },
        NetworkDisabled: true,
        HostConfig: {
          NetworkMode: 'none',
          Mounts: [
            {
              Type: 'volume',
              Source: IMAGE_VOLUME,
              Target: MOUNT,
              VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
            },
          ],
        },
      }),
  );
  try {
    return await work(helper.id);
  } finally {
    await removeContainer(engine, helper.id);
  }
}

/** By name. A reference is written after its image is complete, so it says that the image is there. */
async function readRefs(engine: Engine, helper: string): Promise<Map<string, StoredRef>> {
  const files = await getFiles(engine, helper, `${MOUNT}/refs`);
  const refs = new Map<string, StoredRef>();
  for (const [path, content] of files ?? []) {
    try {
      refs.set(decodeURIComponent(basename(path, '.json')), JSON.parse(content.toString()) as StoredRef);
    } catch {
      // Cut short by a kill: it is written again.
    }
  }
  return refs;
}

const refFile = (name: string, stored: StoredRef): FileSpec => ({
  path: `${MOUNT}/refs/${encodeURIComponent(name)}.json`,
  content: `${JSON.stringify(stored)}\n`,
});

async function copyImage(engine: Engine, helper: string, image: ImageInspectInfo): Promise<void> {
  const folder = `${MOUNT}/${hexId(image)}`;
  const { Env, Entrypoint, Cmd, WorkingDir, User } = image.Config;
  const config = {
    Env: Env ?? [],
    Entrypoint: words(Entrypoint),
    Cmd: words(Cmd),
    WorkingDir: WorkingDir ?? '',
    User: User ?? '',
  };
  await putFiles(engine, helper, [
    { path: `${folder}/rootfs/`, content: '', mode: 0o755 },
    { path: `${folder}/config.json`, content: `${JSON.stringify(config)}\n` },
  ]);
  // The engine exports containers, not images; this one is never started either.
  const source = await asking(`image ${image.Id} cannot be unpacked`, ['docker', 'create', image.Id], () =>
    engine.docker.createContainer({
      Image: image.Id,
      Cmd: ['-'],
      Labels: { [LABEL.helper]: 'image-export', [LABEL.version]: HOPLAB_VERSION },
      HostConfig: { NetworkMode: 'none' },
    }),
  );
  try {
    const archive = await asking(
      `image ${image.Id} cannot be exported`,
      ['docker', 'export', source.id],
      () => source.export(),
    );
    await putTar(engine, helper, `${folder}/rootfs`, archive as Readable);
  } finally {
    await removeContainer(engine, source.id);
  }
  await putFiles(engine, helper, [{ path: `${folder}/complete`, content: '' }]);
}

const words = (value: string | string[] | null | undefined): string[] =>
  typeof value === 'string' ? [value] : (value ?? []);
