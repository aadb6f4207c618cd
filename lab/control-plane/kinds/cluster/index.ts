export { events } from './event.ts';
export { leases } from './lease.ts';
export { namespaces } from './namespace.ts';
export { nodes } from './node.ts';
export { serviceaccounts } from './serviceaccount.ts';
