import { CommandError, run } from '../../../node/shell/index.ts';

/**
 * Deletes entries of the connection table; one call of `conntrack` whatever their number. That there is no such
 * entry is no error.
 *
 * @param deletions arguments of `conntrack`, e.g. `-D -p udp --dport 30053`
 * @param prefix what goes before the command, e.g. `nsenter --net=…`
 * @throws CommandError when the table cannot be changed
 */
export async function deleteFlows(
  deletions: readonly string[],
  prefix: readonly string[] = [],
): Promise<void> {
  const [only, ...others] = deletions;
  if (only === undefined) return;
  if (others.length === 0) {
    await run([...prefix, 'conntrack', ...only.split(' ')]).catch((error: unknown) => {
      if (!(error instanceof CommandError) || !error.stderr.includes(' 0 flow entries')) throw error;
    });
    return;
  }
  // --load-file opens its file by name, which works for a pipe, but not for the socket that Node gives a child.
  const load = 'cat | conntrack --load-file /dev/stdin';
  await run([...prefix, 'sh', '-c', load], `${deletions.join('\n')}\n`);
}
