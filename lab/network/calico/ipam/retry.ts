import { isConflict } from '../datastore/index.ts';
import { IpamError } from './errors.ts';

/** As libcalico-go's datastoreRetries. */
const ROUNDS = 100;
const LONGEST_PAUSE_MS = 20;

/**
 * Runs read-decide-write rounds until one meets no conflict. In every round some writer wins, so contention ends when
 * the writers do; a random pause keeps them from meeting again and again.
 *
 * @param what for the message, e.g. `assign an address in 192.168.8.192/26`
 * @throws {IpamError} `contention` after 100 rounds
 */
export async function retryOnConflict<T>(what: string, round: () => Promise<T>): Promise<T> {
  for (let n = 0; n < ROUNDS; n++) {
    try {
      return await round();
    } catch (error) {
      if (!isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(n, LONGEST_PAUSE_MS)));
    }
  }
  throw new IpamError('contention', `could not ${what}: ${ROUNDS} times another writer was faster`);
}
