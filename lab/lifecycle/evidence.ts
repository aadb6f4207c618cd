import type { Engine } from '../engine/index.ts';
import { HoplabError } from '../errors/index.ts';
import { dumpLab } from './dump.ts';

/** Keeps the lab's state on disk, then does what follows a failure, and adds both to the error. */
export async function withEvidence(
  engine: Engine,
  lab: string,
  error: unknown,
  afterwards: () => Promise<string>,
): Promise<unknown> {
  const folder = await dumpLab(engine, lab).catch(() => undefined);
  const told = await afterwards();
  const where = folder ? `state of all nodes: ${folder}` : 'the state of the nodes could not be read';
  if (!(error instanceof HoplabError)) {
    process.stderr.write(`${where}\n${told}\n`);
    return error;
  }
  return error.withDetail(where, told);
}
