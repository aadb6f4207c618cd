export { dispatchChains, FROM_DISPATCH, TO_DISPATCH } from './dispatch.ts';
export { endpointChains } from './endpoint.ts';
export { chainName, ipSetName } from './names.ts';
export { policyChain, policyRules, profileChains } from './policy.ts';
export { tableRenderer } from './render.ts';
export { type Chain, chainText, fragments, type Rule, restoreLines, ruleTags } from './rule.ts';
export { type StaticOptions, staticTables } from './static-tables.ts';
export type { Table, TableName } from './table.ts';
