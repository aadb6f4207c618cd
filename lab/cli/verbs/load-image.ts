import { collectImages, connectEngine, ensureImages, loadImage } from '../../engine/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab load-image NAME` */
export async function action({ steps }: VerbContext, name: string): Promise<number> {
  const engine = await connectEngine((line) => steps.say(line));
  await steps.run(`load image ${name}`, (step) =>
    loadImage(engine, name, ({ image, text }) => step.note(`${image}: ${text}`)),
  );
  // An image that was loaded again has left its predecessor behind.
  const { base } = await ensureImages(engine, ['base']);
  await collectImages(engine, base.tag);
  return 0;
}
