import { runningEngine } from '../../engine/index.ts';
import { EXIT, HoplabError } from '../../errors/index.ts';
import { execAttached, findLab } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab exec TARGET -- CMD` */
export async function action({ options }: VerbContext, target: string, argv: string[]): Promise<number> {
  const command = argv[0] === '--' ? argv.slice(1) : argv;
  if (command.length === 0) {
    throw new HoplabError({
      code: 'E_USAGE',
      message: 'exec needs a command',
      next: `npm run lab exec ${target} -- ip route (or: npm run lab shell ${target})`,
      exitCode: EXIT.usage,
    });
  }
  const engine = await runningEngine();
  const lab = await findLab(engine, options.name);
  const container = typeof options.container === 'string' ? { container: options.container } : {};
  return execAttached(engine, lab, { target, argv: command, ...container });
}
