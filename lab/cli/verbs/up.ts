import { resolve } from 'node:path';
import { connectEngine, REPOSITORY } from '../../engine/index.ts';
import { EXIT } from '../../errors/index.ts';
import { findLab, readLabStatus, renderPlan, renderStatus, upLab } from '../../lifecycle/index.ts';
import { loadTopology } from '../../topology/index.ts';
import { printResult, type VerbContext } from '../context.ts';

/** `lab up` */
export async function action(context: VerbContext): Promise<number> {
  const { options, steps, timeoutMs } = context;
  const file =
    typeof options.topology === 'string' ? resolve(options.topology) : `${REPOSITORY}topologies/iks.yaml`;
  const loaded = await loadTopology(file);
  const topology = options.name ? { ...loaded, name: options.name } : loaded;
  const engine = await connectEngine((line) => steps.say(line));
  const dryRun = options.dryRun === true;
  process.once('SIGINT', () => {
    process.stderr.write('\ninterrupted; npm run lab up finishes the lab, npm run lab down removes it\n');
    process.exit(EXIT.interrupted);
  });
  const plan = await upLab(engine, { topology, steps, timeoutMs, dryRun, retain: options.retain === true });
  if (dryRun) {
    await printResult(context, plan, () => renderPlan(plan));
    return 0;
  }
  steps.say(plan.changed ? '' : ` ${renderPlan(plan)}\n`);
  const status = await readLabStatus(engine, await findLab(engine, topology.name));
  await printResult(context, status, () => renderStatus(status));
  return 0;
}
