import type { BgpSession } from '../../../api/calico-status.ts';
import { BackOff } from './back-off.ts';
import { serially } from './serially.ts';

/** Pauses of 0.1, 0.2, 0.4, 0.8 and 1.6 s without an answer. */
const SILENT_AFTER = 6;

export interface SessionEvents {
  /** Asks BIRD; none when it does not answer. */
  ask(): Promise<readonly BgpSession[]>;
  onAnswer(sessions: readonly BgpSession[]): Promise<void>;
  /** BIRD has not answered several times in a row. Told once, until it answers again. */
  onSilence(): Promise<void>;
  onError(error: unknown): void;
}

/**
 * Reads the mesh sessions at every request. A busy or starting BIRD may not answer: the sessions are then as they were
 * for all we know, so the last answer stands, and the question is asked again; the next event may be long in coming.
 *
 * @param expected the node has peers, so an answer without sessions is none
 * @returns asks for a reading
 */
export function followSessions(expected: boolean, events: SessionEvents): () => void {
  let silent = false;
  const read = serially(async () => {
    const sessions = await events.ask().catch(() => []);
    if (expected && sessions.length === 0) {
      retry.failed();
      if (retry.failures < SILENT_AFTER || silent) return;
      silent = true;
      return events.onSilence();
    }
    retry.succeeded();
    silent = false;
    await events.onAnswer(sessions);
  }, events.onError);
  const retry = new BackOff(100, 5000, read);
  return read;
}
