import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { registerVerbs } from './verbs.ts';

async function verbs(...argv: string[]): Promise<Command> {
  const program = new Command('hoplab').option('-n, --name <lab>').enablePositionalOptions();
  await registerVerbs(program, argv, () => {});
  return program;
}

describe('verbs', () => {
  it('know their options with the questions of init, which has a name of its own to ask for', async () => {
    const init = (await verbs('init', '--help')).commands.find((command) => command.name() === 'init');
    expect(init?.helpInformation()).toMatch(/--name <value> .*name of the lab/);
    expect(init?.helpInformation()).not.toContain('-n, --name');
  });

  it('take the name of the lab behind them too, but not kubectl, whose arguments are its own', async () => {
    const program = await verbs('status');
    const without = program.commands
      .filter((command) => command.commands.length === 0)
      .filter((command) => !command.options.some(({ short }) => short === '-n'))
      .map((command) => command.name());
    expect(without.sort()).toEqual(['init', 'kubectl']);
  });
});
