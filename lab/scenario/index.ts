export {
  BROWSER,
  type CommandStream,
  type ExecOptions,
  type ExecResult,
  KUBECTL,
  type LabAccess,
  type NodeStopHow,
  type PlacedPod,
  type PodManifest,
  type PodName,
  type Target,
} from './access.ts';
export { type CommandIo, listScenarios, type RunCommandOptions, resultsJson, runCommand } from './command.ts';
export type { Connectivity, From, To } from './connectivity.ts';
export { type Scenario, type ScenarioSpec, scenario } from './definition.ts';
export { type LoadedScenario, loadScenarios } from './load.ts';
export { type PodFile, parsePods, readPods } from './manifests.ts';
export {
  contains,
  equals,
  exitCode,
  holds,
  lines,
  type Matcher,
  matches,
  not,
  type Observation,
  rows,
} from './match.ts';
export type { ScenarioFailure, ScenarioInfo, ScenarioResult, StepRecord } from './record.ts';
export { junitXml } from './reporters/junit.ts';
export { narrator } from './reporters/narrate.ts';
export { workbook } from './reporters/workbook.ts';
export { type Reporter, type RunOptions, runScenarios } from './runner.ts';
export type { Seen } from './seen.ts';
export type { Story } from './story.ts';
export type { Watched } from './watched.ts';
