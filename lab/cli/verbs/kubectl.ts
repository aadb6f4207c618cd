import { runningEngine } from '../../engine/index.ts';
import { findLab, kubectlAttached } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab kubectl ARGS...`: every argument is kubectl's; what is the lab's stands in front of the verb. */
export async function action({ options }: VerbContext, argv: string[]): Promise<number> {
  const engine = await runningEngine();
  const lab = await findLab(engine, options.name);
  return kubectlAttached(engine, lab, {
    argv,
    cwd: process.cwd(),
    editor: process.env.KUBE_EDITOR || process.env.EDITOR || undefined,
    note: (line) => void (options.quiet || process.stderr.write(`${line}\n`)),
  });
}
