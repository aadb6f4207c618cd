export { complaint } from './check.ts';
export type { Files, NginxControl } from './control.ts';
export { fakeCertificate } from './fake-certificate.ts';
export { Nginx } from './nginx.ts';
export { type ConnectionCounts, StatusClient } from './status-client.ts';
