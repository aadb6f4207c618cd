import { connectEngine } from '../../engine/index.ts';
import { findLab, readLabStatus, renderStatus } from '../../lifecycle/index.ts';
import { printResult, type VerbContext } from '../context.ts';

/** `lab status` */
export async function action(context: VerbContext): Promise<number> {
  const engine = await connectEngine((line) => context.steps.say(line));
  const status = await readLabStatus(engine, await findLab(engine, context.options.name));
  await printResult(context, status, () => renderStatus(status));
  return status.nodes.every(({ ready }) => ready) ? 0 : 1;
}
