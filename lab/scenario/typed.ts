import { KUBECTL, type Target } from './access.ts';

const PLAIN = /^[\w@%+=:,./-]+$/;
/** What only a shell understands: expansions, pipes, lists, redirections, quotes, globs. */
const NEEDS_SHELL = /[|&;<>()$`"'\\*?[\]#~!{}\n]/;

/** Quotes one word for a POSIX shell, only where it must be. */
export function shellQuote(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The command line that runs `run` in `target` from the learner's own machine. */
export function typedCommand(target: Target | undefined, run: string): string {
  if (target === undefined) return run;
  if (target === KUBECTL) return `hoplab kubectl ${run}`;
  const command = NEEDS_SHELL.test(run) ? `sh -c ${shellQuote(run)}` : run;
  return `hoplab exec ${target} -- ${command}`;
}

/**
 * tcpdump prints each packet at once when it writes to a terminal, and gathers them when it writes to a pipe
 * (tcpdump(1), --immediate-mode and -l). A learner has a terminal, the engine a pipe: these options make them equal,
 * so the learner's command stays as short as in the figures.
 */
export function asOnTerminal(run: string): string {
  return run.replace(/(^|\s)tcpdump\s/, '$1tcpdump -l --immediate-mode ');
}
