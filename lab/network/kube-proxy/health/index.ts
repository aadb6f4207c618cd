export { ProxyHealth } from './proxy-health.ts';
export { type HealthCheck, healthAnswer, healthChecks, ServiceHealthServers } from './service-health.ts';
export { statusServer } from './status-server.ts';
