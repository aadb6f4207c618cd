export { deleteFlows } from './delete-flows.ts';
export { staleFlows } from './stale-flows.ts';
