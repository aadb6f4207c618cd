export {
  type Address,
  type Cidr,
  cidrOf,
  cidrRange,
  cidrSize,
  formatAddress,
  formatCidr,
  freeCidr,
  hostAddress,
  inRange,
  parseAddress,
  parseCidr,
  parseRange,
  prefixLength,
  type Range,
  rangeContains,
  rangeSize,
  rangesOverlap,
} from './address.ts';
export { bridgeAddress } from './bridge.ts';
export { toClusterConfig } from './cluster-config.ts';
export type { Fault } from './fault.ts';
export type { AnswerKey, Answers, KnownAnswers } from './init/answers.ts';
export { type InitIo, type InitOptions, initCommand } from './init/command.ts';
export { INIT_QUESTIONS, type Question } from './init/questions.ts';
export { checkTopologyFile, loadTopology } from './load.ts';
export type { ManifestReader, ManifestText } from './manifest.ts';
export { type Parsed, parseTopology } from './parse.ts';
export { type Problem, renderProblems } from './problem.ts';
export { closest, didYouMean } from './suggest.ts';
export type * from './topology.ts';
