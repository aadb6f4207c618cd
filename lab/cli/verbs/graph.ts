import { runningEngine } from '../../engine/index.ts';
import { EXIT, HoplabError } from '../../errors/index.ts';
import { findLab, readLabStatus, renderGraph } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab graph` */
export async function action({ options }: VerbContext): Promise<number> {
  const format = options.format;
  if (format !== 'mermaid' && format !== 'dot') {
    throw new HoplabError({
      code: 'E_USAGE',
      message: `graph format "${format}" is not known`,
      next: 'use -f mermaid or -f dot',
      exitCode: EXIT.usage,
    });
  }
  const engine = await runningEngine();
  const status = await readLabStatus(engine, await findLab(engine, options.name));
  process.stdout.write(`${renderGraph(status, format)}\n`);
  return 0;
}
