import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm, writeFile } from 'node:fs/promises';

/**
 * Has nginx read a configuration without using it.
 *
 * @param path where the text is put for it
 * @returns what is wrong with it
 * @throws Error when nginx cannot be started
 */
export async function checkConf(path: string, text: string): Promise<string | undefined> {
  await writeFile(path, text);
  // A file: a child's pipe is a socket in Node, which an nginx that opens /dev/stderr cannot do with.
  const said = `${path}.said`;
  const file = await open(said, 'w');
  try {
    const child = spawn('nginx', ['-t', '-q', '-c', path], { stdio: ['ignore', 'ignore', file.fd] });
    const [code] = await once(child, 'exit');
    return code === 0 ? undefined : complaint(await readFile(said, 'utf8'), path);
  } finally {
    await file.close();
    await rm(said, { force: true });
  }
}

/** What `nginx -t` says, without the parts that differ from one try to the next. */
export function complaint(stderr: string, path: string): string {
  const line = stderr.split('\n').find((one) => /\[(emerg|crit|alert|error)\]/.test(one)) ?? stderr.trim();
  return line
    .replace(/^.*?\[\w+\]( \d+#\d+:)? ?/, '')
    .replace(new RegExp(` in ${path.replaceAll(/[.+]/g, '\\$&')}:\\d+$`), '')
    .slice(0, 500);
}
