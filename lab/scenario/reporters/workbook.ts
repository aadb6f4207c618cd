import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KUBECTL } from '../access.ts';
import { shorten } from '../diff.ts';
import { screen } from '../match.ts';
import type { ScenarioResult, StepRecord } from '../record.ts';
import type { Reporter } from '../runner.ts';
import { promptLine } from '../transcript.ts';
import { figuresText } from './narrate.ts';

const MOST_LINES = 60;

/** A page of the workbook: the sentences, the commands and what they really printed. */
export function workbookPage(result: ScenarioResult, manifests: ReadonlyMap<string, string>): string {
  const out = [`# ${result.title}`, ''];
  const origin = [
    figuresText(result)
      .trim()
      .replace(/^\(|\)$/g, ''),
    result.source,
  ]
    .filter(Boolean)
    .join('; ');
  if (origin !== '') out.push(`*${origin}*`, '');
  if (result.about) out.push(result.about.trim(), '');
  for (const [name, text] of manifests) out.push(`\`${name}\`:`, '', fence(text, 'yaml'), '');
  for (const entry of result.story) {
    if (entry.kind === 'note') out.push(entry.text, '');
    else out.push(...stepText(entry), '');
  }
  for (const file of result.screenshots ?? [])
    out.push(`![${picture(file)}](${result.name}/${basename(file)})`, '');
  out.push(`Run it again: \`hoplab scenario run ${result.id} --step\``);
  return `${out.join('\n')}\n`;
}

/** What a screenshot is called, without `.png`. */
const picture = (file: string): string => basename(file).replace(/\.png$/, '');

function stepText(step: StepRecord): string[] {
  const output = shorten(screen(step), MOST_LINES);
  const out = [`## ${step.number}. ${step.sentence}`, '', fence(`${promptLine(step)}\n${output}`, 'console')];
  const expected = step.expected.filter((text) => text !== '');
  if (expected.length > 0) {
    out.push('', 'What to see:', '', ...expected.map((text) => `- ${text.split('\n').map(code).join(', ')}`));
  }
  if (step.on !== undefined && step.on !== KUBECTL) {
    out.push(
      '',
      '<details><summary>From your own machine</summary>',
      '',
      fence(step.typed, 'sh'),
      '',
      '</details>',
    );
  }
  return out;
}

/** A fence longer than any run of backticks in the text. */
function fence(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = '`'.repeat(longest + 1);
  return `${mark}${language}\n${text.replace(/\n+$/, '')}\n${mark}`;
}

function code(text: string): string {
  return text.includes('`') ? text : `\`${text}\``;
}

/** The table of contents. */
export function workbookIndex(results: readonly ScenarioResult[]): string {
  const out = ['# Workbook', ''];
  for (const chapter of new Set(results.map((result) => result.chapter))) {
    out.push(`## ${chapter}`, '');
    for (const result of results.filter((one) => one.chapter === chapter)) {
      out.push(`- [${result.title}](${result.id}.md)${figuresText(result)}`);
    }
    out.push('');
  }
  return out.join('\n');
}

/** Writes `DIR/<chapter>/<name>.md` for each scenario that passed, and `DIR/README.md`. */
export function workbook(dir: string): Reporter {
  return {
    async end(results) {
      const passed = results.filter(({ status }) => status === 'passed');
      for (const result of passed) {
        const path = join(dir, `${result.id}.md`);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, workbookPage(result, await manifestsOf(result)));
        for (const file of result.screenshots ?? []) {
          const folder = join(dir, result.id);
          await mkdir(folder, { recursive: true });
          await copyFile(file, join(folder, basename(file)));
        }
      }
      await mkdir(dir, { recursive: true });
      await writeFile(join(dir, 'README.md'), workbookIndex(passed));
    },
  };
}

async function manifestsOf(result: ScenarioResult): Promise<Map<string, string>> {
  const manifests = new Map<string, string>();
  for (const entry of result.pods) {
    const file = typeof entry === 'string' ? entry : entry.file;
    manifests.set(file.replace(/^\.\//, ''), await readFile(resolve(dirname(result.file), file), 'utf8'));
  }
  return manifests;
}
