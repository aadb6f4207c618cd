export { endpoints } from './endpoints.ts';
export { endpointslices } from './endpointslice.ts';
