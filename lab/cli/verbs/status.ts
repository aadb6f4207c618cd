import { runningEngine } from '../../engine/index.ts';
import { findLab, readLabStatus, renderStatus } from '../../lifecycle/index.ts';
import { printResult, type VerbContext } from '../context.ts';

/** `lab status` */
export async function action(context: VerbContext): Promise<number> {
  const engine = await runningEngine();
  const status = await readLabStatus(engine, await findLab(engine, context.options.name));
  await printResult(context, status, () => renderStatus(status));
  const up = status.hosts.every(({ state }) => state === 'running');
  return up && status.nodes.every(({ ready }) => ready) ? 0 : 1;
}
