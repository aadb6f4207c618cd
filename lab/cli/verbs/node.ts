import { objectName, runningEngine } from '../../engine/index.ts';
import {
  cutPower,
  findLab,
  nodeContainer,
  shutDownNode,
  startNode,
  waitNode,
} from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

async function prepare({ options }: VerbContext) {
  const engine = await runningEngine();
  return { engine, lab: await findLab(engine, options.name) };
}

async function stop(context: VerbContext, node: string): Promise<number> {
  const { engine, lab } = await prepare(context);
  const cut = context.options.powerCut === true;
  await context.steps.run(cut ? `cut the power of ${node}` : `shut down ${node}`, () =>
    (cut ? cutPower : shutDownNode)(engine, lab, node),
  );
  return 0;
}

async function start(context: VerbContext, node: string): Promise<number> {
  const { engine, lab } = await prepare(context);
  const { name } = nodeContainer(lab, node);
  await context.steps.run(`start ${name}`, async () => {
    await startNode(engine, lab, name);
    await waitNode(engine, objectName(lab.name, name), name, context.timeoutMs / 1000);
  });
  return 0;
}

async function restart(context: VerbContext, node: string): Promise<number> {
  await stop(context, node);
  return start(context, node);
}

/** `lab node stop|start|restart NODE` */
export const actions = { stop, start, restart };
