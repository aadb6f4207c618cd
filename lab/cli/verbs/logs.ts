import { runningEngine } from '../../engine/index.ts';
import { findLab, logsAttached } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab logs TARGET [PROGRAM]` */
export async function action({ options }: VerbContext, target: string, program?: string): Promise<number> {
  const engine = await runningEngine();
  return logsAttached(engine, await findLab(engine, options.name), {
    target,
    follow: options.follow === true,
    ...(program ? { program } : {}),
    ...(typeof options.container === 'string' ? { container: options.container } : {}),
    ...(typeof options.tail === 'string' ? { tail: options.tail } : {}),
  });
}
