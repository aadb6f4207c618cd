import { ApiError } from '../../../api/client/index.ts';
import { UnavailableError } from '../datastore/index.ts';

const FIRST_PAUSE_MS = 100;
/** Short: an API server that comes up should find its clients back within a second. */
const LONGEST_PAUSE_MS = 1000;

/** True when the API gave no answer, or one that says "later". */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof UnavailableError) return true;
  if (error instanceof ApiError) return error.code === 429 || error.code >= 500;
  // The client's word for a server without an answer is an ordinary Error; all else has a name of its own.
  return error instanceof Error && error.name === 'Error';
}

/**
 * Does something that needs the API, again and again until there is an answer. There is nothing else to wait for: the API
 * itself would be the one to tell that it is back.
 *
 * @param onUnreachable told of each failure
 * @throws what the action throws of an API that is there
 */
export async function untilReachable<T>(
  action: () => Promise<T>,
  onUnreachable: (error: Error) => Promise<void>,
): Promise<T> {
  for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
    try {
      return await action();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      await onUnreachable(error as Error);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}
