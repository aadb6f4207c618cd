import { EXIT, HoplabError } from '../errors/index.ts';

/** The HTTP status the engine answered with, or undefined for anything that is not an answer of the engine. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

export const isNotFound = (error: unknown): boolean => statusOf(error) === 404;
/** 304: already started, already stopped. */
export const isNotModified = (error: unknown): boolean => statusOf(error) === 304;
/** 409: the name is taken, a removal is already under way, the container does not run. */
export const isConflict = (error: unknown): boolean => statusOf(error) === 409;

/** The engine's own words, without dockerode's "(HTTP code 404) no such container - " in front. */
export function engineMessage(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'json' in error) {
    const json = error.json;
    if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string')
      return json.message.trim();
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * An error of the engine as one for people, with the `docker` command that does the same.
 * @param what what was being done, e.g. `container hoplab-iks-worker1 cannot be started`
 */
export function dockerError(
  error: unknown,
  what: string,
  command: readonly string[],
  next?: string,
): HoplabError {
  if (error instanceof HoplabError) return error;
  const gone =
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    (error.code === 'ECONNREFUSED' || error.code === 'ENOENT' || error.code === 'ECONNRESET');
  return new HoplabError({
    code: gone ? 'E_ENGINE_GONE' : 'E_DOCKER',
    message: `${what}: ${engineMessage(error)}`,
    exitCode: gone ? EXIT.environment : EXIT.failed,
    detail: `the same by hand: ${shellQuote(command)}`,
    ...(next === undefined ? {} : { next }),
    cause: error,
  });
}

/** Runs an engine call; what it throws becomes {@link dockerError}. */
export async function asking<T>(
  what: string,
  command: readonly string[],
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw dockerError(error, what, command);
  }
}

/** Words as a command line that a POSIX shell reads back as the same words. */
export function shellQuote(words: readonly string[]): string {
  return words
    .map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
