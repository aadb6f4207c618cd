export { LARGE_CLUSTER, renderPort, renderRuleSet } from './render.ts';
export { FIXED_CHAINS } from './static.ts';
export {
  type Chains,
  type Jump,
  type PortRules,
  type RuleOptions,
  type RuleSet,
  TABLES,
  type TableName,
} from './types.ts';
