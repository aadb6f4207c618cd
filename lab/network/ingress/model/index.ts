export { buildModel, DEFAULT_BACKEND_ID, type ModelOptions, type Objects } from './build.ts';
export { ANY_HOST, isRewritten } from './claims.ts';
export { isOurs } from './classes.ts';
export { type EndpointSource, endpointsOf } from './endpoints.ts';
export type { BackendRef, Certificate, Location, Model, Passwords, Problem, Server } from './types.ts';
