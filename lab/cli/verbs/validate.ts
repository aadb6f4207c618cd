import { REPOSITORY } from '../../engine/image-folders.ts';
import { EXIT } from '../../errors/index.ts';
import { checkTopologyFile, renderProblems } from '../../topology/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab validate FILE…`: all mistakes of all files. Needs no engine. */
export async function action({ steps }: VerbContext, files: string[]): Promise<number> {
  const paths = files.length > 0 ? files : [`${REPOSITORY}topologies/iks.yaml`];
  let code: number = EXIT.ok;
  for (const path of paths) {
    const { topology, problems } = checkTopologyFile(path);
    if (topology) {
      steps.say(`${path}: ok (lab "${topology.name}", ${topology.nodes.length} nodes)`);
      continue;
    }
    code = EXIT.usage;
    process.stderr.write(`${renderProblems(problems)}\n`);
  }
  return code;
}
