import { seconds } from '../clock.ts';
import { type ScenarioInfo, type ScenarioResult, type StepRecord, stepsOf } from '../record.ts';
import type { Reporter } from '../runner.ts';
import { markedOutput, promptLine } from '../transcript.ts';

export interface NarrateOptions {
  /** Writes to stderr: stdout is for data. */
  readonly write: (text: string) => void;
  /** Colours; off under NO_COLOR or when stderr is no terminal. */
  readonly colour?: boolean;
  /** `lines`: one line per scenario (CI); `story`: sentences, commands and outputs. */
  readonly style: 'story' | 'lines';
  /** Most lines of output of one step, 24 unless told. */
  readonly most?: number;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Tells the scenarios to people, while they run. */
export function narrator(options: NarrateOptions): Reporter {
  const { write, style, most = 24 } = options;
  const say = (text = ''): void => write(`${text}\n`);
  const paint = (colour: keyof typeof CODES, text: string): string =>
    options.colour ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
  const story = style === 'story';

  const header = (scenario: ScenarioInfo): void => {
    say();
    say(paint('bold', `${scenario.title}${figuresText(scenario)}`));
    say(paint('dim', scenario.id));
    if (scenario.about) say(`\n${scenario.about.trim()}`);
  };
  const step = (record: StepRecord): void => {
    const output = markedOutput(record, most);
    if (output !== '') say(output);
    const took = record.durationMs >= 1_000 ? ` (${seconds(record.durationMs)})` : '';
    if (record.held)
      say(`  ${paint('green', '✓')} ${record.expected.join('; ').replaceAll('\n', ' / ')}${took}`);
  };
  const verdict = (result: ScenarioResult): void => {
    const took = seconds(result.durationMs);
    if (result.status === 'passed') {
      say(`${paint('green', '✓')} ${result.id}: ${result.title} (${stepsOf(result).length} steps, ${took})`);
    } else if (result.status === 'skipped') {
      say(`${paint('yellow', '-')} ${result.id}: skipped: ${result.skipped ?? ''}`);
    } else {
      say(`${paint('red', '✗')} ${result.id}: ${result.title} (${took})`);
      say(failureText(result));
    }
  };

  return {
    ...(story && {
      scenarioStart: header,
      note: (text: string) => say(`\n${text}`),
      stepStart(start) {
        say(`\n${paint('cyan', `${start.number}. ${start.sentence}`)}`);
        say(paint('bold', promptLine(start)));
      },
      stepEnd: step,
    }),
    scenarioEnd(result) {
      if (story) say();
      verdict(result);
      for (const file of result.screenshots ?? []) say(paint('dim', `  ${file}`));
    },
    end(results) {
      const count = (status: ScenarioResult['status']): number =>
        results.filter((result) => result.status === status).length;
      const parts = [`${count('passed')} passed`];
      if (count('failed') > 0) parts.push(paint('red', `${count('failed')} failed`));
      if (count('skipped') > 0) parts.push(`${count('skipped')} skipped`);
      say(`\n${parts.join(', ')}`);
    },
  };
}

/** The failure of a scenario as printed for people. */
export function failureText(result: ScenarioResult): string {
  const { failure } = result;
  if (!failure) return '';
  const out = [`error: ${failure.message} [${failure.code}]`];
  if (failure.detail) out.push(...failure.detail.split('\n').map((line) => `  ${line}`));
  if (failure.evidence) out.push(`next: the state of all nodes at that moment is in ${failure.evidence}`);
  return out.join('\n');
}

export function figuresText({ figures }: Pick<ScenarioInfo, 'figures'>): string {
  if (figures.length === 0) return '';
  return ` (${figures.length === 1 ? 'Figure' : 'Figures'} ${figures.join(', ')})`;
}
