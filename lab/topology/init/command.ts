import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { EXIT, HoplabError } from '../../errors/index.ts';
import type { Fault } from '../fault.ts';
import { parseTopology } from '../parse.ts';
import { renderProblems } from '../problem.ts';
import type { AnswerKey, Answers, KnownAnswers } from './answers.ts';
import { planOf } from './plan.ts';
import { answerFaults, completeAnswers, INIT_QUESTIONS } from './questions.ts';
import { renderTopology } from './render.ts';

export interface InitOptions {
  /** Where to write; `NAME.yaml` in the current folder unless told. */
  readonly file?: string | undefined;
  /** Replace a file that exists. */
  readonly force?: boolean | undefined;
  /** Ask nothing: defaults for what the flags leave open. */
  readonly yes?: boolean | undefined;
  /** Answers given as flags. */
  readonly answers?: KnownAnswers | undefined;
}

export interface InitIo {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
  /** Folder that a relative path starts from; the process's unless told. */
  readonly cwd?: string | undefined;
}

const SCHEMA = fileURLToPath(new URL('../../../topologies/topology.schema.json', import.meta.url));

/**
 * `lab init`: asks the wizard's questions on a terminal, takes flags and defaults otherwise, and writes a topology.
 *
 * @returns the path of the file written
 * @throws HoplabError `E_INIT` (exit code 2) for flags that cannot be used together, `E_EXISTS` when the file is
 * there, `E_INTERRUPTED` when the input ends before the last answer
 */
export async function initCommand(options: InitOptions, io: InitIo): Promise<string> {
  const given = givenAnswers(options.answers ?? {});
  const ask = Boolean(io.input.isTTY) && !options.yes && Object.keys(given).length < INIT_QUESTIONS.length;
  refuse(faultsOfGiven(given));
  const answers = ask ? await askAll(given, io) : completeAnswers(given);
  refuse(answerFaults(answers).map(({ question, fault }) => ({ place: question.flag, fault })));

  const file = resolve(io.cwd ?? process.cwd(), options.file ?? `${answers.name}.yaml`);
  const text = renderTopology(planOf(answers), schemaFrom(file));
  const { problems } = parseTopology(text, file);
  if (problems.length > 0) {
    throw new HoplabError({
      code: 'E_INIT',
      message: 'these answers do not make a topology',
      exitCode: EXIT.usage,
      detail: renderProblems(problems).trimEnd(),
      next: 'answer otherwise; nothing was written',
    });
  }
  await write(file, text, options.force ?? false);
  io.output.write(`wrote ${file}\nnext: npm run lab up -- -t ${file}\n`);
  return file;
}

function givenAnswers(answers: KnownAnswers): KnownAnswers {
  const entries = INIT_QUESTIONS.flatMap(({ key }) =>
    answers[key] === undefined ? [] : [[key, answers[key].trim()]],
  );
  return Object.fromEntries(entries) as KnownAnswers;
}

function faultsOfGiven(given: KnownAnswers): { place: string; fault: Fault }[] {
  const known: Partial<Record<AnswerKey, string>> = {};
  return INIT_QUESTIONS.flatMap((question) => {
    const text = given[question.key];
    if (text === undefined) return [];
    const fault = question.validate(text, known);
    if (!fault) known[question.key] = text;
    return fault ? [{ place: `${question.flag} ${text}`, fault }] : [];
  });
}

function refuse(faults: readonly { place: string; fault: Fault }[]): void {
  if (faults.length === 0) return;
  throw new HoplabError({
    code: 'E_INIT',
    message: faults.length === 1 ? 'an answer is wrong' : `${faults.length} answers are wrong`,
    exitCode: EXIT.usage,
    detail: faults
      .map(
        ({ place, fault }) => `${place}: ${fault.message}\n  rule:  ${fault.rule}\n  right: ${fault.right}`,
      )
      .join('\n'),
    next: 'npm run lab init -- --help lists the flags and their defaults',
  });
}

async function askAll(given: KnownAnswers, io: InitIo): Promise<Answers> {
  const terminal = createInterface({ input: io.input, output: io.output });
  const answers: Partial<Record<AnswerKey, string>> = { ...given };
  // readline leaves a question unanswered for ever when the input ends (Ctrl-C, Ctrl-D).
  const ended = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(interrupted()));
  });
  ended.catch(() => {});
  let step = '';
  try {
    for (const question of INIT_QUESTIONS) {
      if (answers[question.key] !== undefined) continue;
      if (question.step !== step) io.output.write(`\n${question.step}\n`);
      step = question.step;
      answers[question.key] = await Promise.race([askOne(question, answers, terminal, io), ended]);
    }
  } finally {
    terminal.close();
  }
  return answers as Answers;
}

async function askOne(
  question: (typeof INIT_QUESTIONS)[number],
  known: KnownAnswers,
  terminal: Interface,
  io: InitIo,
): Promise<string> {
  const fallback = question.default(known);
  for (;;) {
    const typed = (await terminal.question(`  ${question.label}: ${question.help} [${fallback}] `)).trim();
    const text = typed || fallback;
    const fault = question.validate(text, known);
    if (!fault) return text;
    io.output.write(`    ${fault.message}\n    rule:  ${fault.rule}\n    right: ${fault.right}\n`);
  }
}

function interrupted(): HoplabError {
  return new HoplabError({
    code: 'E_INTERRUPTED',
    message: 'the questions were left before the last one; nothing was written',
    exitCode: EXIT.interrupted,
    next: 'every answer can be given as a flag: npm run lab init -- --help',
  });
}

/** The schema's path as the file's folder sees it, with slashes, so that the repository can be moved. */
function schemaFrom(file: string): string {
  const path = relative(dirname(file), SCHEMA).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const exists = code === 'EEXIST';
    throw new HoplabError({
      code: exists ? 'E_EXISTS' : 'E_WRITE',
      message: exists ? `${file} exists already` : `${file} cannot be written: ${String(code ?? error)}`,
      exitCode: EXIT.usage,
      next: exists ? 'name another file, or replace it with --force' : 'name a file in a folder that exists',
      cause: error,
    });
  }
}
