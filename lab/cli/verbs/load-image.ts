import { connectEngine, loadImage } from '../../engine/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab load-image NAME` */
export async function action({ steps }: VerbContext, name: string): Promise<number> {
  const engine = await connectEngine((line) => steps.say(line));
  await steps.run(`load image ${name}`, () => loadImage(engine, name));
  return 0;
}
