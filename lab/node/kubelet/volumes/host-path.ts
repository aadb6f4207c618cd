import { mkdir, open, stat } from 'node:fs/promises';

/**
 * Checks a hostPath against its `type`, and makes what may be made, with the real kubelet's words (pkg/volume/hostpath).
 * @returns the path. @throws Error
 */
export async function prepareHostPath(path: string, type: string): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  const fail = (what: string) => new Error(`hostPath type check failed: ${path} is not a ${what}`);
  switch (type) {
    case '':
      // Docker made missing directories; without a type so does the lab.
      if (info === undefined) await mkdir(path, { recursive: true });
      return path;
    case 'DirectoryOrCreate':
      if (info === undefined) await mkdir(path, { recursive: true, mode: 0o755 });
      else if (!info.isDirectory()) throw fail('directory');
      return path;
    case 'FileOrCreate':
      if (info === undefined) await (await open(path, 'a', 0o644)).close();
      else if (!info.isFile()) throw fail('file');
      return path;
    case 'Directory':
      if (!info?.isDirectory()) throw fail('directory');
      return path;
    case 'File':
      if (!info?.isFile()) throw fail('file');
      return path;
    case 'Socket':
      if (!info?.isSocket()) throw fail('socket file');
      return path;
    case 'CharDevice':
      if (!info?.isCharacterDevice()) throw fail('character device');
      return path;
    case 'BlockDevice':
      if (!info?.isBlockDevice()) throw fail('block device');
      return path;
    default:
      throw new Error(`hostPath type "${type}" is unknown`);
  }
}
