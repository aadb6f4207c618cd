import type { Target } from './access.ts';
import type { PodFile } from './manifests.ts';

export type StepKind = 'command' | 'background' | 'watch' | 'node' | 'connectivity';

/** A step as it went: enough to narrate it, to print it into a workbook, or to report its failure. */
export interface StepRecord {
  /** From 1. */
  readonly number: number;
  readonly kind: StepKind;
  readonly sentence: string;
  /** Undefined when the command is typed on the learner's own machine. */
  readonly on?: Target | undefined;
  /** The command without the way to get there. */
  readonly run: string;
  /** The whole command as a learner types it on their machine. */
  readonly typed: string;
  readonly expected: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly code?: number | undefined;
  /** Lines of the output in which the expectations were met, from 0. */
  readonly marked: readonly number[];
  readonly held: boolean;
  /** Why it did not hold. */
  readonly why?: string | undefined;
  readonly durationMs: number;
}

/** What a step shows before its result is known. */
export type StepStart = Pick<StepRecord, 'number' | 'kind' | 'sentence' | 'on' | 'run' | 'typed'>;

/** A scenario file that was loaded. */
export interface ScenarioInfo {
  /** `chapter/name`. */
  readonly id: string;
  readonly name: string;
  readonly chapter: string;
  readonly title: string;
  readonly figures: readonly string[];
  readonly source?: string | undefined;
  readonly about?: string | undefined;
  readonly needs: readonly string[];
  readonly pods: readonly PodFile[];
  readonly file: string;
}

/** Text between steps. */
export interface NoteRecord {
  readonly kind: 'note';
  readonly text: string;
}

export interface ScenarioFailure {
  /** e.g. `E_STEP`, `E_STEP_TIMEOUT`, `E_UNCHECKED`. */
  readonly code: string;
  readonly message: string;
  /** Expected and observed side by side. */
  readonly detail?: string | undefined;
  /** Directory with the dump of the lab's state. */
  readonly evidence?: string | undefined;
}

export interface ScenarioResult extends ScenarioInfo {
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped. */
  readonly skipped?: string | undefined;
  readonly story: readonly (StepRecord | NoteRecord)[];
  readonly failure?: ScenarioFailure | undefined;
  /** Files of the browser's screenshots. */
  readonly screenshots?: readonly string[];
  readonly durationMs: number;
}

export function stepsOf(result: Pick<ScenarioResult, 'story'>): StepRecord[] {
  return result.story.filter((entry): entry is StepRecord => entry.kind !== 'note');
}

/** A step that did not hold; the runner adds the evidence. */
export class StepFailure extends Error {
  readonly code: string;
  readonly detail: string;

  constructor(code: string, message: string, detail: string) {
    super(message);
    this.name = 'StepFailure';
    this.code = code;
    this.detail = detail;
  }
}
