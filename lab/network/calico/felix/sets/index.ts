export { type IpSet, type PoolOptions, policyIpSets, staticIpSets } from './ip-set.ts';
export { ipSetChange, type KernelSets, parseIpSetSave, unwantedIpSets } from './restore.ts';
