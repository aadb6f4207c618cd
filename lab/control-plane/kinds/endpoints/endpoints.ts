import type { CoreV1EndpointPort, V1EndpointAddress, V1EndpointSubset } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import {
  isDNS1123Label,
  isDNS1123Subdomain,
  isPortNumber,
  isQualifiedName,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';
import { isValidIP, parseIP, specialRange } from '../values/index.ts';

const subsetsOf = (object: KubeObject): V1EndpointSubset[] => (object.subsets ?? []) as V1EndpointSubset[];
const shown = 3;

export const endpoints: Kind = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  subresources: [],
  schema: schemaOf('io.k8s.api.core.v1.Endpoints'),
  defaults(object) {
    for (const { ports } of subsetsOf(object)) for (const port of ports ?? []) port.protocol ||= 'TCP';
  },
  validate: (object) => [...validateObjectMeta(object, true, isDNS1123Subdomain), ...validateSubsets(object)],
  validateUpdate: (object, old) => [...validateObjectMetaUpdate(object, old), ...validateSubsets(object)],
  columns: [nameColumn, columnOf('Endpoints', 'core.v1.Endpoints#subsets'), ageColumn],
  row: (object, now) => [
    object.metadata.name,
    formatSubsets(subsetsOf(object)),
    age(object.metadata.creationTimestamp, now),
  ],
};

function validateSubsets(object: KubeObject): FieldError[] {
  return subsetsOf(object).flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const path = `subsets[${index}]`;
    const errors: FieldError[] = [];
    if (addresses.length === 0 && notReadyAddresses.length === 0) {
      errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const [at, address] of addresses.entries()) {
      errors.push(...validateAddress(address, `${path}.addresses[${at}]`));
    }
    for (const [at, address] of notReadyAddresses.entries()) {
      errors.push(...validateAddress(address, `${path}.notReadyAddresses[${at}]`));
    }
    for (const [at, port] of ports.entries()) {
      errors.push(...validatePort(port, ports.length > 1, `${path}.ports[${at}]`));
    }
    return errors;
  });
}

function validateAddress({ ip = '', hostname, nodeName }: V1EndpointAddress, path: string): FieldError[] {
  const errors = invalidAll(`${path}.ip`, ip, isValidIP(ip));
  if (hostname) errors.push(...invalidAll(`${path}.hostname`, hostname, isDNS1123Label(hostname)));
  if (nodeName) errors.push(...invalidAll(`${path}.nodeName`, nodeName, isDNS1123Subdomain(nodeName)));
  // The check for special addresses parses once more, and complains once more.
  if (!parseIP(ip)) errors.push(invalid(`${path}.ip`, ip, 'must be a valid IP address'));
  const special = specialRange(ip);
  if (special !== undefined) errors.push(invalid(`${path}.ip`, ip, special));
  return errors;
}

function validatePort(port: CoreV1EndpointPort, named: boolean, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!port.name) {
    if (named) errors.push(required(`${path}.name`));
  } else errors.push(...invalidAll(`${path}.name`, port.name, isDNS1123Label(port.name)));
  errors.push(...invalidAll(`${path}.port`, port.port ?? 0, isPortNumber(port.port ?? 0)));
  const protocols = ['SCTP', 'TCP', 'UDP'];
  if (!protocols.includes(port.protocol ?? '')) {
    errors.push(notSupported(`${path}.protocol`, port.protocol ?? '', protocols));
  }
  if (port.appProtocol) {
    errors.push(...invalidAll(`${path}.appProtocol`, port.appProtocol, isQualifiedName(port.appProtocol)));
  }
  return errors;
}

/** `10.244.1.4:80,10.244.1.5:80 + 1 more...`; printers' formatEndpoints. */
function formatSubsets(subsets: readonly V1EndpointSubset[]): string {
  if (subsets.length === 0) return '<none>';
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip);
    return ports.flatMap(({ port }) =>
      addresses.map(({ ip = '' }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
    );
  });
  const list = all.slice(0, shown).join(',');
  return all.length > shown ? `${list} + ${all.length - shown} more...` : list;
}
