import { removeImages, runningEngine } from '../../engine/index.ts';
import { downAll, downLab, onlyLab } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab down` */
export async function action({ options, steps }: VerbContext): Promise<number> {
  const engine = await runningEngine();
  if (options.all === true) await downAll(engine, steps);
  else await downLab(engine, options.name ?? (await onlyLab(engine)), steps);
  if (options.images === true) await steps.run('remove images and image store', () => removeImages(engine));
  return 0;
}
