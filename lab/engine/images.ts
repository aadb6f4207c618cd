import type { Readable } from 'node:stream';
import { HoplabError } from '../errors/index.ts';
import { tarOf } from './archive.ts';
import { ensureDebian } from './base-image.ts';
import type { Engine } from './connect.ts';
import { asking, dockerError, shellQuote } from './errors.ts';
import { type ImageName, type PlannedImage, planImages } from './image-folders.ts';
import { LABEL, PREFIX } from './labels.ts';
import {
  type BuildState,
  INITIAL_BUILD_STATE,
  jsonMessages,
  type OnImageProgress,
  readBuildMessage,
  stepLine,
} from './progress.ts';
import { HOPLAB_VERSION } from './version.ts';

export interface BuiltImage {
  /** `hoplab/NAME:HASH` */
  readonly tag: string;
  /** Docker's id, `sha256:…`. */
  readonly id: string;
}

/** How many images are built at the same time: apt and dpkg take a processor each. */
const BUILDS_AT_ONCE = 2;

/**
 * Builds the images that are not there yet, with what they start from. With nothing to build it costs reading the
 * images' folders and one question to the engine.
 * @param folder the `images` folder, the repository's own by default
 * Throws HoplabError `E_IMAGE_BUILD` with the failing step, its output and how to try it by hand.
 */
export async function ensureImages<Name extends ImageName>(
  engine: Engine,
  names: readonly Name[],
  onProgress: OnImageProgress = () => {},
  folder?: string,
): Promise<Record<Name, BuiltImage>> {
  const [plan, present] = await Promise.all([planImages(names, folder), presentImages(engine)]);
  const missing = missingImages(plan, names, new Set(present.keys()));
  if (missing.length > 0) {
    await inOrder(missing, async (image) => {
      present.set(image.tag, await buildImage(engine, image, onProgress));
    });
  }
  const built: Partial<Record<ImageName, BuiltImage>> = {};
  for (const { name, tag } of plan) {
    const id = (names as readonly ImageName[]).includes(name) ? present.get(tag) : undefined;
    if (id !== undefined) built[name] = { tag, id };
  }
  return built as Record<Name, BuiltImage>;
}

/** The tags images would get, without asking or changing the engine (for `--dry-run`). */
export async function imageTags(names: readonly ImageName[]): Promise<ReadonlyMap<ImageName, string>> {
  return new Map((await planImages(names)).map(({ name, tag }) => [name, tag]));
}

/** Of a plan, what must be built so that the wanted images exist. A parent is needed only by an image that is missing. */
export function missingImages(
  plan: readonly PlannedImage[],
  wanted: readonly ImageName[],
  present: ReadonlySet<string>,
): PlannedImage[] {
  const needed = new Set<ImageName>(wanted);
  const missing: PlannedImage[] = [];
  // Parents stand first in a plan, so from the end every image is asked after all that need it.
  for (const image of [...plan].reverse()) {
    if (!needed.has(image.name) || present.has(image.tag)) continue;
    missing.unshift(image);
    for (const parent of image.needs) needed.add(parent);
  }
  return missing;
}

/** Tag to id of all images of the lab. */
async function presentImages(engine: Engine): Promise<Map<string, string>> {
  const images = await asking('images cannot be listed', ['docker', 'images', `${PREFIX}/*`], () =>
    engine.docker.listImages({ filters: JSON.stringify({ reference: [`${PREFIX}/*`] }) }),
  );
  return new Map(images.flatMap(({ RepoTags, Id }) => (RepoTags ?? []).map((tag) => [tag, Id] as const)));
}

/** Runs the work of each image once all it needs is done, a few at once. The first failure is thrown after the others end. */
async function inOrder(
  images: readonly PlannedImage[],
  work: (image: PlannedImage) => Promise<void>,
): Promise<void> {
  const todo = new Map(images.map((image) => [image.name, image]));
  const running = new Map<ImageName, Promise<ImageName>>();
  let failure: unknown;
  while ((todo.size > 0 && failure === undefined) || running.size > 0) {
    for (const image of todo.values()) {
      if (failure !== undefined || running.size >= BUILDS_AT_ONCE) break;
      if (image.needs.some((name) => todo.has(name) || running.has(name))) continue;
      todo.delete(image.name);
      const done = work(image)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .then(() => image.name);
      running.set(image.name, done);
    }
    running.delete(await Promise.race(running.values()));
  }
  if (failure !== undefined) throw failure;
}

async function buildImage(engine: Engine, image: PlannedImage, onProgress: OnImageProgress): Promise<string> {
  const started = Date.now();
  const say = (text: string, state: 'start' | 'step' | 'done' = 'step') =>
    onProgress({ image: image.name, state, text });
  say('building', 'start');
  const buildargs: Record<string, string> = { ...image.content.arguments, ...proxyArguments(process.env) };
  const labels: Record<string, string> = { [LABEL.image]: image.name, [LABEL.version]: HOPLAB_VERSION };
  if (image.name === 'base') {
    const debian = await ensureDebian(engine, say);
    buildargs.DEBIAN = debian.image;
    labels[LABEL.base] = debian.made;
  }
  const context = await tarOf([
    { path: 'Dockerfile', content: image.content.dockerfile },
    ...image.content.files,
  ]);
  let state: BuildState = INITIAL_BUILD_STATE;
  try {
    const stream = await engine.docker.buildImage(context as unknown as NodeJS.ReadableStream, {
      t: image.tag,
      // The classic builder (version 1): it is in every engine from 20.10 on and needs no session.
      version: '1',
      // Name resolution and routes of the host: inside the lab's own engines a bridge may not reach the mirror.
      networkmode: 'host',
      rm: true,
      forcerm: true,
      buildargs,
      labels,
    });
    for await (const message of jsonMessages(stream as Readable)) {
      const next = readBuildMessage(state, message);
      // Only what takes time; ARG, FROM, LABEL and the like are noise.
      if (next.step !== state.step && /^(RUN|COPY) /.test(next.instruction)) say(stepLine(next));
      state = next;
    }
  } catch (error) {
    throw dockerError(error, `image ${image.name} cannot be built`, [
      'docker',
      'build',
      '-t',
      image.tag,
      `images/${image.name}`,
    ]);
  }
  if (state.error !== undefined) throw buildFailed(image, state, state.error);
  const { Id } = await engine.docker.getImage(image.tag).inspect();
  await removeSuperseded(engine, image);
  say(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`, 'done');
  return Id;
}

/** How many versions of an image are kept: each change of a program makes one, and branches go back and forth. */
const VERSIONS_KEPT = 3;

/** Removes old versions of an image, except those that containers or other images use: the engine refuses these. */
async function removeSuperseded(engine: Engine, { name, tag: current }: PlannedImage): Promise<void> {
  const versions = await engine.docker.listImages({
    filters: JSON.stringify({ reference: [`${PREFIX}/${name}`] }),
  });
  const old = versions.sort((a, b) => b.Created - a.Created).slice(VERSIONS_KEPT);
  for (const tag of old.flatMap(({ RepoTags }) => RepoTags ?? [])) {
    // The builder's cache may have given the new image an old date.
    if (tag === current || !tag.startsWith(`${PREFIX}/${name}:`)) continue;
    await engine.docker
      .getImage(tag)
      .remove()
      .catch(() => {}); // in use, or removed by another run
  }
}

/** The builder's predefined arguments: they reach RUN, and neither the image nor its hash. */
function proxyArguments(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

function buildFailed(image: PlannedImage, state: BuildState, error: string): HoplabError {
  const command = state.instruction.replace(/^RUN /, '');
  const byHand =
    state.lastImage && state.instruction.startsWith('RUN ')
      ? [
          `the same by hand: ${shellQuote(['docker', 'run', '--rm', '-it', '--network', 'host', '--entrypoint', '/bin/sh', state.lastImage, '-c', command])}`,
        ]
      : [];
  return new HoplabError({
    code: 'E_IMAGE_BUILD',
    message: `image ${image.name} cannot be built: step ${state.step} of images/${image.name}/Dockerfile failed`,
    detail: [state.instruction, ...state.tail, error, ...byHand].join('\n'),
    next: /resolve|connect|fetch|unreachable/i.test(state.tail.join('\n'))
      ? "the package mirror was not reached: check the engine's network (and HTTP_PROXY), then try again"
      : 'correct the step above, then try again',
  });
}
