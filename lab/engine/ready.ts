import type { Readable } from 'node:stream';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { Engine } from './connect.ts';
import { asking } from './errors.ts';
import { linesOf } from './exec-stream.ts';

/** What lab-init prints when the network is as the topology wants it. */
const READY_LINE = 'lab-init: ready';

/**
 * Since when lines of a log are this start's: the log keeps those of the starts before. Pure.
 *
 * @returns seconds since 1970, as the engine takes them
 */
export function printedSince(state: { Running: boolean; StartedAt: string; FinishedAt: string }): number {
  // While it runs, FinishedAt is the end of the start before (year 1 where there was none). Not StartedAt: the engine notes
  // it when the container may have printed already. Of one that has ended, it is all there is.
  const date = state.Running ? Date.parse(state.FinishedAt) : Date.parse(state.StartedAt) - NOTED_LATE_MS;
  return Math.max(0, date / 1000);
}
/** By how much the engine's StartedAt may be behind the first line of the log. */
const NOTED_LATE_MS = 1_000;

/**
 * Waits until lab-init has made a started container's network, by following its log.
 * Throws HoplabError `E_INIT` with lab-init's message when the container ends first, `E_TIMEOUT` at the deadline.
 */
export async function waitUntilReady(engine: Engine, container: string, timeoutMs = 30_000): Promise<void> {
  const handle = engine.docker.getContainer(container);
  const logs = ['docker', 'logs', container];
  const { Name, State } = await asking(`container ${container} cannot be inspected`, logs, () =>
    handle.inspect(),
  );
  const since = printedSince(State);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  const printed: string[] = [];
  try {
    const options = { follow: true as const, stdout: true, stderr: true, since, abortSignal: abort.signal };
    const log = await asking(`the log of container ${container} cannot be read`, logs, () =>
      handle.logs(options),
    );
    // Each piece has an 8-byte header of the stream and its length; a line's text is what follows it.
    for await (const line of linesOf(log as Readable)) {
      if (line.endsWith(READY_LINE)) return;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the header's bytes
      printed.push(line.replace(/^[\u0000-\u0002]\u0000{3}.{4}/s, ''));
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
  const late = Date.now() - Date.parse(State.StartedAt) >= timeoutMs;
  throw new HoplabError({
    code: late ? 'E_TIMEOUT' : 'E_INIT',
    message: late
      ? `container ${Name.slice(1)} has not made its network within ${timeoutMs / 1000} s`
      : `container ${Name.slice(1)} ended before its network was made`,
    exitCode: late ? EXIT.timeout : EXIT.failed,
    detail: [...printed.slice(-10), `the same by hand: docker logs ${Name.slice(1)}`].join('\n'),
  });
}
