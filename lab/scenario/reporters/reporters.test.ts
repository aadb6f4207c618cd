import { describe, expect, test } from 'vitest';
import type { ScenarioResult, StepRecord } from '../record.ts';
import { junitXml } from './junit.ts';
import { narrator } from './narrate.ts';
import { workbookIndex, workbookPage } from './workbook.ts';

const step: StepRecord = {
  number: 1,
  kind: 'command',
  sentence: "worker2's pods are behind tunl0",
  on: 'worker1',
  run: 'ip route',
  typed: 'hoplab exec worker1 -- ip route',
  expected: ['"dev tunl0"'],
  stdout:
    'default via 10.1.110.254 dev ens192\n192.168.8.192/26 via 10.1.110.107 dev tunl0 proto bird onlink\n',
  stderr: '',
  code: 0,
  marked: [1],
  held: true,
  durationMs: 12,
};
const passed: ScenarioResult = {
  id: 'nodes/routes',
  name: 'routes',
  chapter: 'nodes',
  title: 'Routes',
  figures: ['12', '13'],
  needs: [],
  pods: [],
  file: '/scenarios/nodes/routes.ts',
  status: 'passed',
  story: [{ kind: 'note', text: 'A note.' }, step],
  durationMs: 1_234,
};
const failed: ScenarioResult = {
  ...passed,
  id: 'pods/mtu',
  name: 'mtu',
  chapter: 'pods',
  status: 'failed',
  failure: {
    code: 'E_STEP',
    message: 'a < b & "c" \u0007',
    detail: 'EXPECTED | OBSERVED',
    evidence: '/out/mtu',
  },
};
const skipped: ScenarioResult = {
  ...passed,
  id: 'pods/x',
  status: 'skipped',
  skipped: 'kernel has no ipip',
  story: [],
};

function told(style: 'story' | 'lines'): string {
  let text = '';
  const reporter = narrator({
    style,
    write: (more) => {
      text += more;
    },
  });
  reporter.scenarioStart?.(passed);
  reporter.note?.('A note.');
  reporter.stepStart?.(step);
  reporter.stepEnd?.(step);
  for (const result of [passed, failed, skipped]) reporter.scenarioEnd?.(result);
  reporter.end?.([passed, failed, skipped]);
  return text;
}

test("kubectl is typed on the learner's own machine, so the workbook has no second command for it", () => {
  const get = { ...step, on: 'kubectl', run: 'get pods', typed: 'hoplab kubectl get pods' };
  const page = workbookPage({ ...passed, story: [get] }, new Map());
  expect(page).toContain('```console\n$ hoplab kubectl get pods\n');
  expect(page).not.toContain('From your own machine');
});

test('the story: sentence, prompt, output with the line that matters marked', () => {
  expect(told('story')).toContain(
    [
      "1. worker2's pods are behind tunl0",
      'worker1# ip route',
      '  default via 10.1.110.254 dev ens192',
      '> 192.168.8.192/26 via 10.1.110.107 dev tunl0 proto bird onlink',
      '  ✓ "dev tunl0"',
    ].join('\n'),
  );
});

test('one line per scenario, and what failed in full', () => {
  expect(told('lines')).toBe(
    [
      '✓ nodes/routes: Routes (1 steps, 1.2 s)',
      '✗ pods/mtu: Routes (1.2 s)',
      'error: a < b & "c" \u0007 [E_STEP]',
      '  EXPECTED | OBSERVED',
      'next: the state of all nodes at that moment is in /out/mtu',
      '- pods/x: skipped: kernel has no ipip',
      '',
      '1 passed, 1 failed, 1 skipped',
      '',
    ].join('\n'),
  );
});

test('JUnit: suites by chapter, escaped, without characters that XML forbids', () => {
  const xml = junitXml([passed, failed, skipped]);
  expect(xml).toContain('<testsuites tests="3" failures="1" skipped="1"');
  expect(xml).toContain('<failure type="E_STEP" message="a &lt; b &amp; &quot;c&quot; ?">');
  expect(xml).toContain('<skipped message="kernel has no ipip"/>');
  expect(xml.match(/<testsuite /g)).toHaveLength(2);
});

describe('the workbook', () => {
  test('has what was typed and what it printed', () => {
    const page = workbookPage(passed, new Map([['pod.yaml', 'kind: Pod\n']]));
    expect(page).toContain('# Routes\n\n*Figures 12, 13*\n');
    expect(page).toContain('```yaml\nkind: Pod\n```');
    expect(page).toContain(
      '```console\nworker1# ip route\ndefault via 10.1.110.254 dev ens192\n192.168.8.192/26',
    );
    expect(page).toContain('- `"dev tunl0"`');
    expect(page).toContain('```sh\nhoplab exec worker1 -- ip route\n```');
  });
  test('output with backticks cannot end its block', () => {
    const page = workbookPage({ ...passed, story: [{ ...step, stdout: '```\nx\n' }] }, new Map());
    expect(page).toContain('````console\nworker1# ip route\n```\nx\n````');
  });
  test('index', () => {
    expect(workbookIndex([passed])).toContain('- [Routes](nodes/routes.md) (Figures 12, 13)');
  });
});
