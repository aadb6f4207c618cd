import { createInterface } from 'node:readline/promises';
import { REPOSITORY, runningEngine } from '../../engine/index.ts';
import { EXIT, HoplabError } from '../../errors/index.ts';
import { findLab, labAccess } from '../../lifecycle/index.ts';
import { renderTable } from '../../output/index.ts';
import { listScenarios, runCommand } from '../../scenario/index.ts';
import { printResult, type VerbContext } from '../context.ts';

const DIR = `${REPOSITORY}scenarios`;

/** `lab scenario list` */
export async function list(context: VerbContext): Promise<number> {
  const scenarios = await listScenarios(DIR);
  await printResult(context, scenarios, () =>
    renderTable(
      ['NAME', 'FIGURES', 'TITLE'],
      scenarios.map(({ name, figures, title }) => [name, figures.join(', ') || '-', title]),
    ),
  );
  return EXIT.ok;
}

/** `lab scenario run [NAME…]` */
export async function run(context: VerbContext, names: string[]): Promise<number> {
  const { options, format } = context;
  if (format === 'yaml') {
    throw new HoplabError({
      code: 'E_USAGE',
      message: 'scenario run knows -o table and -o json',
      exitCode: EXIT.usage,
    });
  }
  const engine = await runningEngine();
  const access = labAccess(engine, await findLab(engine, options.name));
  const reader = options.step === true ? createInterface({ input: process.stdin }) : undefined;
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  try {
    return await runCommand(
      {
        dir: DIR,
        filter: names,
        step: options.step === true,
        output: format,
        quiet: options.quiet === true,
        failFast: options.failFast === true,
        signal: interrupted.signal,
        ...(typeof options.junit === 'string' ? { junit: options.junit } : {}),
        ...(typeof options.workbook === 'string' ? { workbook: options.workbook } : {}),
      },
      access,
      {
        stdout: (text) => process.stdout.write(text),
        stderr: (text) => process.stderr.write(text),
        colour: process.stderr.isTTY === true && !process.env.NO_COLOR,
        ...(reader ? { enter: async () => void (await reader.question('')) } : {}),
      },
    );
  } finally {
    reader?.close();
  }
}
