export { ingresses } from './ingress.ts';
export { ingressclasses } from './ingressclass.ts';
export { networkpolicies } from './networkpolicy.ts';
