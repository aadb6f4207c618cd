export { readTokens, type Token } from './auth.ts';
export { VERSION } from './discovery/routes.ts';
export { klog, type Log } from './log.ts';
export { type ApiServer, type ApiServerOptions, startApiServer } from './start.ts';
