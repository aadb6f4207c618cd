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
    const same = [
      ...(options.name ? [`-n ${topology.name}`] : []),
      ...(typeof options.topology === 'string' ? [`-t ${options.topology}`] : []),
    ].join(' ');
    const up = same ? `npm run lab -- up ${same}` : 'npm run lab up';
    const down = same ? `npm run lab -- down -n ${topology.name}` : 'npm run lab down';
    process.stderr.write(`\ninterrupted; ${up} finishes the lab, ${down} removes it\n`);
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
