import { resolve } from 'node:path';
import { REPOSITORY } from '../../engine/image-folders.ts';
import { EXIT, HoplabError } from '../../errors/index.ts';
import { loadTopology } from '../../topology/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab validate FILE…`: all mistakes of all files. Needs no engine. */
export async function action({ steps }: VerbContext, files: string[]): Promise<number> {
  const paths = files.length > 0 ? files : [`${REPOSITORY}topologies/iks.yaml`];
  let bad = 0;
  for (const path of paths) {
    try {
      const topology = await loadTopology(resolve(path));
      steps.say(`${path}: ok (lab "${topology.name}", ${topology.nodes.length} nodes)`);
    } catch (error) {
      if (!(error instanceof HoplabError)) throw error;
      bad++;
      process.stderr.write(`${error.render()}\n`);
    }
  }
  return bad > 0 ? EXIT.usage : EXIT.ok;
}
