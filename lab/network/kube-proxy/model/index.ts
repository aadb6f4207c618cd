export { contains, isIPv4, normalCidr } from './address.ts';
export { categorize, usesCluster, usesLocal } from './categorize.ts';
export { endpointsByPort, portKey } from './endpoints.ts';
export { isExternallyAccessible, servicePorts } from './service-ports.ts';
export type { Endpoint, Protocol, ServedPort, ServicePort } from './types.ts';
