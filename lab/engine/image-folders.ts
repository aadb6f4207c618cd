import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileSpec } from './archive.ts';
import { contentHash, type ImageContent } from './content-hash.ts';
import { PREFIX } from './labels.ts';
import { programFiles } from './programs.ts';

/** The images of the lab: the folders under `images/` that have an image.json. */
export type ImageName =
  | 'base'
  | 'node-os'
  | 'node-native'
  | 'node'
  | 'nginx'
  | 'debian'
  | 'toolbox'
  | 'apache-php'
  | 'guestbook'
  | 'redis'
  | 'redis-follower'
  | 'wordpress'
  | 'mariadb'
  | 'whoami-build'
  | 'whoami'
  | 'defaultbackend'
  | 'ingress-nginx-os'
  | 'ingress-nginx'
  | 'browser';

/** images/NAME/image.json */
export interface ImageSettings {
  readonly purpose: string;
  /** The image it starts from, passed as ARG PARENT. */
  readonly parent?: ImageName;
  /** Further images it copies from: ARG name to image. */
  readonly arguments?: Readonly<Record<string, ImageName>>;
  /** What is in the build context beside the Dockerfile; `from` is relative to the image's folder. */
  readonly files?: readonly {
    readonly from: string;
    readonly to: string;
    readonly only?: readonly string[];
  }[];
  /** Where in the context the bundled programs of programs.json go. */
  readonly programs?: string;
  /**
   * That pods use it: the names of published images that it stands in for, beside its own. Without a tag, whatever the
   * tag. They are no part of its content.
   */
  readonly aliases?: readonly string[];
}

/** An image whose content is known, and so its tag. */
export interface PlannedImage {
  readonly name: ImageName;
  /** `hoplab/NAME:HASH` */
  readonly tag: string;
  /** Images that must exist before it can be built. */
  readonly needs: readonly ImageName[];
  readonly content: ImageContent;
}

/** The repository's folder: images and programs are found from it. */
export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Works out the tags of images and of all they start from, parents first. Reads files; does not ask the engine.
 * @param folder the `images` folder
 */
export async function planImages(
  names: readonly ImageName[],
  folder = join(REPOSITORY, 'images'),
): Promise<PlannedImage[]> {
  const plan = new Map<ImageName, PlannedImage>();
  const visit = async (name: ImageName): Promise<PlannedImage> => {
    const known = plan.get(name);
    if (known) return known;
    const settings = readSettings(folder, name);
    const sources: Record<string, ImageName> = {
      ...settings.arguments,
      ...(settings.parent ? { PARENT: settings.parent } : {}),
    };
    const values: Record<string, string> = {};
    for (const [argument, image] of Object.entries(sources)) values[argument] = (await visit(image)).tag;
    const content: ImageContent = {
      dockerfile: readFileSync(join(folder, name, 'Dockerfile'), 'utf8'),
      files: await contextFiles(join(folder, name), settings),
      arguments: values,
    };
    const planned = {
      name,
      tag: `${PREFIX}/${name}:${contentHash(content)}`,
      needs: [...new Set(Object.values(sources))],
      content,
    };
    plan.set(name, planned);
    return planned;
  };
  for (const name of names) await visit(name);
  return [...plan.values()];
}

/** What an image's image.json says. */
export const readSettings = (folder: string, name: string): ImageSettings =>
  JSON.parse(readFileSync(join(folder, name, 'image.json'), 'utf8')) as ImageSettings;

/** The images that pods use, with the names they stand in for: those whose image.json has a list of them. */
export function podImages(folder = join(REPOSITORY, 'images')): ReadonlyMap<ImageName, readonly string[]> {
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'image.json')));
  return new Map(
    names.sort().flatMap((name) => {
      const { aliases } = readSettings(folder, name);
      return aliases ? [[name as ImageName, aliases] as const] : [];
    }),
  );
}

async function contextFiles(folder: string, settings: ImageSettings): Promise<FileSpec[]> {
  const files = (settings.files ?? []).flatMap(({ from, to, only }) =>
    readTree(join(folder, from), to, only),
  );
  if (settings.programs !== undefined)
    files.push(...(await programFiles(REPOSITORY, join(folder, 'programs.json'), settings.programs)));
  return files;
}

/** A file, or the files below a folder, as context files. The executable bit is the only mode that counts, as in git. */
export function readTree(path: string, to: string, only?: readonly string[]): FileSpec[] {
  if (!existsSync(path)) return [];
  const status = statSync(path);
  if (status.isDirectory())
    return readdirSync(path).flatMap((entry) => readTree(join(path, entry), `${to}/${entry}`, only));
  if (only && !only.some((pattern) => matches(basename(path), pattern))) return [];
  // What stands in a folder of programs is one, whatever a checkout on another file system has made of its mode.
  const executable = (status.mode & 0o100) !== 0 || /\/s?bin$/.test(dirname(to));
  return [{ path: to, content: readFileSync(path), mode: executable ? 0o755 : 0o644 }];
}

/** `*.c` matches by ending, anything else by equality. */
function matches(name: string, pattern: string): boolean {
  return pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern;
}
