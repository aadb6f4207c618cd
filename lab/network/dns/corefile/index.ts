export type { Endpoint, LogClass, ServerConfig } from './config.ts';
export { CorefileError } from './corefile-error.ts';
export { readCorefile } from './read.ts';
