import { runningEngine } from '../../engine/index.ts';
import { captureAttached, findLab } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/**
 * `lab capture TARGET INTERFACE [filter]`. What stands behind the interface is tcpdump's, options too, except for
 * `-w FILE`: the file is on this side.
 */
export async function action(
  { options }: VerbContext,
  target: string,
  interfaceName: string,
  filter: string[],
): Promise<number> {
  const engine = await runningEngine();
  const words = filter.filter((word) => word !== '--');
  const at = words.indexOf('-w');
  const behind = at === -1 ? undefined : words.splice(at, 2)[1];
  const write = behind ?? options.write;
  return captureAttached(engine, await findLab(engine, options.name), {
    target,
    interface: interfaceName,
    filter: words,
    ...(typeof write === 'string' ? { write } : {}),
    ...(typeof options.count === 'string' ? { count: options.count } : {}),
  });
}
