import { connectEngine } from '../../engine/index.ts';
import { captureAttached, findLab } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab capture TARGET INTERFACE [filter]` */
export async function action(
  { options, steps }: VerbContext,
  target: string,
  interfaceName: string,
  filter: string[],
): Promise<number> {
  const engine = await connectEngine((line) => steps.say(line));
  return captureAttached(engine, await findLab(engine, options.name), {
    target,
    interface: interfaceName,
    filter: filter.filter((word) => word !== '--'),
    ...(typeof options.write === 'string' ? { write: options.write } : {}),
    ...(typeof options.count === 'string' ? { count: options.count } : {}),
  });
}
