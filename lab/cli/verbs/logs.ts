import { connectEngine } from '../../engine/index.ts';
import { findLab, logsAttached } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab logs TARGET [PROGRAM]` */
export async function action(
  { options, steps }: VerbContext,
  target: string,
  program?: string,
): Promise<number> {
  const engine = await connectEngine((line) => steps.say(line));
  return logsAttached(engine, await findLab(engine, options.name), {
    target,
    follow: options.follow === true,
    ...(program ? { program } : {}),
    ...(typeof options.container === 'string' ? { container: options.container } : {}),
    ...(typeof options.tail === 'string' ? { tail: options.tail } : {}),
  });
}
