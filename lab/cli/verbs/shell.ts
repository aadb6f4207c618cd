import { runningEngine } from '../../engine/index.ts';
import { execAttached, findLab } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab shell TARGET`: bash where there is one. */
export async function action({ options }: VerbContext, target: string): Promise<number> {
  const engine = await runningEngine();
  const lab = await findLab(engine, options.name);
  const container = typeof options.container === 'string' ? { container: options.container } : {};
  const argv = ['/bin/sh', '-c', 'if command -v bash >/dev/null; then exec bash; else exec sh; fi'];
  return execAttached(engine, lab, { target, argv, ...container });
}
