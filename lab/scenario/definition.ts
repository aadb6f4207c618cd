import type { PodFile } from './manifests.ts';
import type { Story } from './story.ts';

export interface ScenarioSpec {
  readonly title: string;
  /** Folder of the scenario: containers, pods, nodes, routing, outside. */
  readonly chapter: string;
  /** Figures of the white paper that it reproduces, e.g. `'13'`. */
  readonly figures?: readonly string[];
  /** Where else the story comes from, in words. */
  readonly source?: string;
  /** One paragraph before the first step. */
  readonly about?: string;
  /** Name of the topology whose addresses the story uses; `iks` by default. */
  readonly topology?: string;
  /** Kernel capabilities without which the story cannot be told; it is then reported as skipped. */
  readonly needs?: readonly string[];
  /** Manifests of any kind beside the scenario file, applied before {@link pods} and deleted after the story. */
  readonly manifests?: readonly string[];
  /** Pods placed on nodes by their short names; there before the story, ready, and taken away after it. */
  readonly pods?: readonly PodFile[];
  /** Host on whose network a browser is there during the story, as target `browser`; it is started for it. */
  readonly browser?: string;
  readonly story: (s: Story) => Promise<void>;
}

const MARK = Symbol.for('hoplab.scenario');

export interface Scenario
  extends Omit<ScenarioSpec, 'figures' | 'manifests' | 'needs' | 'pods' | 'topology'> {
  readonly figures: readonly string[];
  readonly needs: readonly string[];
  readonly manifests: readonly string[];
  readonly pods: readonly PodFile[];
  readonly topology: string;
  readonly [MARK]: true;
}

/**
 * Declares a scenario; a scenario file exports the result as its default.
 *
 * @example
 * export default scenario({
 *   title: 'Pods of worker2 are behind tunl0',
 *   chapter: 'nodes',
 *   figures: ['13'],
 *   async story(s) {
 *     await s.step('BIRD installed the route to worker2', {
 *       on: 'worker1',
 *       run: 'ip route show 192.168.8.192/26',
 *       see: contains('via 10.1.110.107 dev tunl0 proto bird onlink'),
 *     });
 *   },
 * });
 */
export function scenario(spec: ScenarioSpec): Scenario {
  return {
    ...spec,
    figures: spec.figures ?? [],
    needs: spec.needs ?? [],
    manifests: spec.manifests ?? [],
    pods: spec.pods ?? [],
    topology: spec.topology ?? 'iks',
    [MARK]: true,
  };
}

/** Whether a file's default export was made by {@link scenario}. */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && (value as { [MARK]?: unknown })[MARK] === true;
}
