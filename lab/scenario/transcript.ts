import { KUBECTL, type Target } from './access.ts';
import { shorten } from './diff.ts';
import { screen } from './match.ts';
import type { NoteRecord, ScenarioFailure, ScenarioInfo, StepRecord, StepStart } from './record.ts';

/** `worker1# ip route`: where and what, as on a screen. */
export function promptLine(step: Pick<StepStart, 'on' | 'run'>): string {
  return step.run
    .split('\n')
    .map((line) => `${prompt(step.on)}${line}`)
    .join('\n');
}

function prompt(on: Target | undefined): string {
  if (on === undefined) return '$ ';
  return on === KUBECTL ? '$ hoplab kubectl ' : `${on}# `;
}

/**
 * The output of a step, at most `most` lines of it, those that matter marked. Around marked lines two lines stay; of
 * a long output without marks, the beginning and the end.
 */
export function markedOutput(step: StepRecord, most: number): string {
  const all = screen(step).replace(/\n+$/, '').split('\n');
  if (all.length === 1 && all[0] === '') return '';
  const marked = new Set(step.marked);
  const text = (index: number): string => `${marked.has(index) ? '> ' : '  '}${all[index] ?? ''}`.trimEnd();
  if (all.length <= most || marked.size === 0)
    return shorten(all.map((_, index) => text(index)).join('\n'), most);
  const near = (index: number): boolean =>
    index === 0 || [-2, -1, 0, 1, 2].some((offset) => marked.has(index + offset));
  const out: string[] = [];
  let hidden = 0;
  for (const index of all.keys()) {
    if (!near(index)) {
      hidden += 1;
      continue;
    }
    if (hidden > 0) out.push(`  … ${hidden} lines …`);
    hidden = 0;
    out.push(text(index));
  }
  if (hidden > 0) out.push(`  … ${hidden} lines …`);
  return out.join('\n');
}

/** The whole story as plain text, with all output. */
export function transcript(
  info: ScenarioInfo,
  story: readonly (StepRecord | NoteRecord)[],
  failure?: ScenarioFailure,
): string {
  const out = [`${info.id}: ${info.title}`, ''];
  for (const entry of story) {
    if (entry.kind === 'note') out.push(entry.text, '');
    else {
      out.push(`${entry.number}. ${entry.sentence}`, promptLine(entry), `$ ${entry.typed}`, screen(entry));
      if (!entry.held) out.push(`✗ ${entry.why ?? 'it did not hold'}`, '');
    }
  }
  if (failure) out.push(`${failure.code}: ${failure.message}`, failure.detail ?? '');
  return `${out.join('\n')}\n`;
}
