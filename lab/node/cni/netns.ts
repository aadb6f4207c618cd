import { statSync } from 'node:fs';
import { CNI_ERROR, CniError } from './errors.ts';

const OWN = '/proc/self/ns/net';

/**
 * True when a network namespace is at `path`. All are files of the kernel's nsfs, and so of one device; what is left
 * of one that was unmounted is an empty file on another.
 */
export function isNetns(path: string): boolean {
  const given = statSync(path, { throwIfNoEntry: false });
  return given !== undefined && given.dev === statSync(OWN).dev;
}

/** @throws {CniError} unless `path` is a network namespace other than the plugin's own */
export function checkNetns(path: string): void {
  const given = statSync(path, { throwIfNoEntry: false });
  if (!given) throw new CniError(CNI_ERROR.unknownContainer, `network namespace ${path} does not exist`);
  const own = statSync(OWN);
  if (given.dev !== own.dev) {
    throw new CniError(CNI_ERROR.invalidEnvironment, `CNI_NETNS ${path} is not a network namespace`);
  }
  if (given.ino === own.ino) {
    throw new CniError(CNI_ERROR.invalidEnvironment, `CNI_NETNS ${path} is the node's own network namespace`);
  }
}
