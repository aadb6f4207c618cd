import { chmod, mkdir } from 'node:fs/promises';
import { parseQuantity } from '../../../api/quantity.ts';
import { isMountPoint, run, type Volume } from '../../runtime/index.ts';

/** Makes an emptyDir, a tmpfs where its medium is Memory. @returns its path */
export async function prepareEmptyDir(volume: Volume, directory: string): Promise<string> {
  const isNew = (await mkdir(directory, { recursive: true })) !== undefined;
  // After a restart of the node the directory is there but its tmpfs is not.
  if (volume.emptyDir?.medium === 'Memory') {
    if (isMountPoint(directory)) return directory;
    const { sizeLimit } = volume.emptyDir;
    const size = sizeLimit === undefined ? '' : `,size=${Math.floor(parseQuantity(sizeLimit))}`;
    await run('mount', ['-t', 'tmpfs', '-o', `mode=1777${size}`, 'tmpfs', directory]);
  } else if (isNew) {
    await chmod(directory, 0o777);
  }
  return directory;
}
