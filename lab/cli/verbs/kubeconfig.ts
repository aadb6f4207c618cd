import { runningEngine } from '../../engine/index.ts';
import { EXIT, HoplabError } from '../../errors/index.ts';
import { carryKubeconfig, findLab } from '../../lifecycle/index.ts';
import type { VerbContext } from '../context.ts';

/** `lab kubeconfig [-o FILE|-] [--port N]` */
export async function action({ options }: VerbContext): Promise<number> {
  const port = Number(options.port);
  if (!(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new HoplabError({
      code: 'E_USAGE',
      message: `--port "${options.port}" is not a port`,
      exitCode: EXIT.usage,
    });
  }
  const engine = await runningEngine();
  const lab = await findLab(engine, options.name);
  return carryKubeconfig(engine, lab, {
    out: typeof options.out === 'string' ? options.out : `kubeconfig-${lab.name}`,
    port,
    note: (line) => void (options.quiet || process.stderr.write(`${line}\n`)),
  });
}
