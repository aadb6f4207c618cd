import type { ScenarioResult } from '../record.ts';
import { failureText } from './narrate.ts';

/** JUnit's XML as CI systems read it: one suite per chapter, one case per scenario. */
export function junitXml(results: readonly ScenarioResult[]): string {
  const chapters = [...new Set(results.map(({ chapter }) => chapter))];
  const suites = chapters.map((chapter) => {
    const cases = results.filter((result) => result.chapter === chapter);
    return [
      `  <testsuite name="${xml(chapter)}" ${counts(cases)}>`,
      ...cases.map(testCase),
      '  </testsuite>',
    ].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(results)}>\n${suites.join('\n')}\n</testsuites>\n`;
}

function counts(results: readonly ScenarioResult[]): string {
  const count = (status: ScenarioResult['status']): number =>
    results.filter((result) => result.status === status).length;
  const time = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return `tests="${results.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${inSeconds(time)}"`;
}

function testCase(result: ScenarioResult): string {
  const name = xml(`${result.name}: ${result.title}`);
  const open = `    <testcase classname="${xml(result.chapter)}" name="${name}" file="${xml(result.file)}" time="${inSeconds(result.durationMs)}"`;
  if (result.status === 'passed') return `${open}/>`;
  if (result.status === 'skipped') {
    return `${open}>\n      <skipped message="${xml(result.skipped ?? '')}"/>\n    </testcase>`;
  }
  const { code = '', message = '' } = result.failure ?? {};
  return `${open}>\n      <failure type="${xml(code)}" message="${xml(message)}">${xml(failureText(result))}</failure>\n    </testcase>`;
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** XML 1.0 allows no control characters but tab and line ends, not even escaped. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
