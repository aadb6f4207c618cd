import { INIT_QUESTIONS, initCommand } from '../../topology/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab init [FILE]`. Needs no engine. */
export async function action({ options, steps }: VerbContext, file?: string): Promise<number> {
  const answers = Object.fromEntries(
    INIT_QUESTIONS.flatMap(({ key }) => (typeof options[key] === 'string' ? [[key, options[key]]] : [])),
  );
  const written = await initCommand(
    { answers, force: options.force === true, yes: options.yes === true, ...(file ? { file } : {}) },
    { input: process.stdin, output: process.stderr },
  );
  steps.say(`wrote ${written}; build it with: npm run lab up -- -t ${written}`);
  return 0;
}
