import { createHash } from 'node:crypto';
import type { FileSpec } from './archive.ts';

/** Everything an image is made from. */
export interface ImageContent {
  readonly dockerfile: string;
  readonly files: readonly FileSpec[];
  /** Values of the Dockerfile's ARGs, among them the tags of the images it starts from. */
  readonly arguments: Readonly<Record<string, string>>;
}

/** Part of every hash: a change in how images are put together makes all of them anew. */
const FORMAT = 'hoplab image 1';

/**
 * 12 hex digits that are equal exactly when the content is: names, bytes and modes of files, Dockerfile, arguments.
 * Neither the order of files nor their times matter.
 */
export function contentHash(content: ImageContent): string {
  const hash = createHash('sha256');
  // Each part is preceded by its length, so that no two different contents give the same bytes.
  const add = (part: string | Uint8Array) => {
    const bytes = Buffer.from(part as string);
    hash.update(`${bytes.length}:`).update(bytes);
  };
  add(FORMAT);
  add(content.dockerfile);
  for (const [name, value] of Object.entries(content.arguments).sort(byName)) {
    add(name);
    add(value);
  }
  for (const file of [...content.files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    add(file.path);
    add(String(file.mode ?? 0o644));
    add(file.content as string);
  }
  return hash.digest('hex').slice(0, 12);
}

const byName = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1);
