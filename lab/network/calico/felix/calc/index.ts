export {
  type ActiveEndpoint,
  type ActivePolicy,
  type ActiveSet,
  type ActiveState,
  type CalcInput,
  calculate,
} from './calculate.ts';
export { type Endpoint, endpointOf } from './endpoint.ts';
export type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from './network-policy.ts';
export { convertPolicy, type Policy, type PolicyRule } from './policy.ts';
export type { PortRange } from './ports.ts';
