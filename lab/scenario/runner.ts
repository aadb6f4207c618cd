import { basename } from 'node:path';
import type { LabAccess } from './access.ts';
import { type Clock, systemClock } from './clock.ts';
import type { LoadedScenario } from './load.ts';
import type { ScenarioInfo, ScenarioResult, StepStart } from './record.ts';
import { runOne } from './run-one.ts';
import type { StageEvents } from './stage.ts';

/** Hears everything in order while scenarios run. All methods may be missing. */
export interface Reporter extends StageEvents {
  scenarioStart?(scenario: ScenarioInfo): void;
  scenarioEnd?(result: ScenarioResult): void;
  /** After the last scenario; what it returns is awaited. */
  end?(results: readonly ScenarioResult[]): void | Promise<void>;
}

export interface RunOptions {
  readonly reporters?: readonly Reporter[];
  /** Where evidence of failures goes; `test-output` unless told. */
  readonly outputDir?: string;
  readonly failFast?: boolean;
  readonly signal?: AbortSignal;
  /** Called before each step. */
  readonly pause?: (step: StepStart) => Promise<void>;
  readonly clock?: Clock;
}

/**
 * Runs the scenarios one after the other and returns a result for each. Does not throw for a scenario that fails; after
 * an abort the scenario that ran is cleaned up and the rest is left out.
 */
export async function runScenarios(
  list: readonly LoadedScenario[],
  access: LabAccess,
  options: RunOptions = {},
): Promise<ScenarioResult[]> {
  const { reporters = [], outputDir = 'test-output', failFast = false, signal, pause } = options;
  const clock = options.clock ?? systemClock;
  const events: StageEvents = {
    stepStart: (step) => {
      for (const reporter of reporters) reporter.stepStart?.(step);
    },
    stepEnd: (step) => {
      for (const reporter of reporters) reporter.stepEnd?.(step);
    },
    note: (text) => {
      for (const reporter of reporters) reporter.note?.(text);
    },
  };
  const capabilities = list.some(({ needs }) => needs.length > 0) ? await access.capabilities() : {};
  const results: ScenarioResult[] = [];
  for (const one of list) {
    if (signal?.aborted) break;
    for (const reporter of reporters) reporter.scenarioStart?.(one);
    const reason = whyNot(one, access, capabilities);
    const result =
      reason === undefined
        ? await runOne(one, access, { clock, events, outputDir, pause, signal })
        : skip(one, reason);
    results.push(result);
    for (const reporter of reporters) reporter.scenarioEnd?.(result);
    if (failFast && result.status === 'failed') break;
  }
  for (const reporter of reporters) await reporter.end?.(results);
  return results;
}

function whyNot(
  one: LoadedScenario,
  access: LabAccess,
  capabilities: Readonly<Record<string, boolean>>,
): string | undefined {
  const { topology } = access;
  const wanted = one.definition.topology;
  if (topology.name !== wanted && basename(topology.file).replace(/\.ya?ml$/, '') !== wanted) {
    return `written for the topology ${wanted}, and this lab is ${topology.name}`;
  }
  const lacking = one.needs.filter((need) => !capabilities[need]);
  return lacking.length > 0 ? `kernel has no ${lacking.join(', ')}` : undefined;
}

function skip({ definition: _, ...info }: LoadedScenario, reason: string): ScenarioResult {
  return { ...info, status: 'skipped', skipped: reason, story: [], durationMs: 0 };
}
