export type { PodAccess } from './pod-access.ts';
export { type KubeletServerOptions, startKubeletServer } from './server.ts';
export { authorizer } from './tokens.ts';
