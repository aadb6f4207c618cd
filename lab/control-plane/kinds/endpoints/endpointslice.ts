import type { DiscoveryV1EndpointPort, V1Endpoint } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { duplicate, invalid, invalidAll, notSupported, required, tooMany } from '../fields/index.ts';
import {
  isDNS1123Label,
  isDNS1123Subdomain,
  isPortNumber,
  isQualifiedName,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';
import { ipMessage, parseIP, semanticallyEqual, specialRange } from '../values/index.ts';

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;
const shown = 3;

const endpointsOf = (object: KubeObject): V1Endpoint[] => (object.endpoints ?? []) as V1Endpoint[];
const portsOf = (object: KubeObject): DiscoveryV1EndpointPort[] =>
  (object.ports ?? []) as DiscoveryV1EndpointPort[];

export const endpointslices: Kind = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  subresources: [],
  schema: schemaOf('io.k8s.api.discovery.v1.EndpointSlice'),
  defaults(object) {
    for (const port of portsOf(object)) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
    // These two have no omitempty: an empty list is written as null.
    if (endpointsOf(object).length === 0) object.endpoints = null;
    if (portsOf(object).length === 0) object.ports = null;
  },
  prepareForCreate(object) {
    object.metadata.generation = 1;
  },
  prepareForUpdate(object, old) {
    const same = ['endpoints', 'ports', 'addressType'].every((field) =>
      semanticallyEqual(object[field], old[field]),
    );
    const sameLabels = semanticallyEqual(object.metadata.labels, old.metadata.labels);
    object.metadata.generation = (old.metadata.generation ?? 0) + (same && sameLabels ? 0 : 1);
  },
  validate: (object) => [...validateObjectMeta(object, true, isDNS1123Subdomain), ...validateSlice(object)],
  validateUpdate: (object, old) => {
    const metadata = validateObjectMetaUpdate(object, old);
    // Endpoints of the old type are not held against the new one.
    if (object.addressType !== old.addressType) {
      return [...metadata, invalid('addressType', String(object.addressType ?? ''), 'field is immutable')];
    }
    return [...metadata, ...validateSlice(object)];
  },
  columns: [
    nameColumn,
    columnOf('AddressType', 'discovery.v1.EndpointSlice#addressType'),
    columnOf('Ports', 'discovery.v1.EndpointSlice#ports'),
    columnOf('Endpoints', 'discovery.v1.EndpointSlice#endpoints'),
    ageColumn,
  ],
  row: (object, now) => [
    object.metadata.name,
    String(object.addressType ?? ''),
    summary(portsOf(object).map(({ port, name }) => (port !== undefined ? String(port) : name || '*'))),
    summary(endpointsOf(object).flatMap(({ addresses }) => addresses ?? [])),
    age(object.metadata.creationTimestamp, now),
  ],
};

function validateSlice(object: KubeObject): FieldError[] {
  const type = String(object.addressType ?? '');
  const errors: FieldError[] = [];
  if (type === '') errors.push(required('addressType'));
  else if (!addressTypes.includes(type)) errors.push(notSupported('addressType', type, addressTypes));
  const all = endpointsOf(object);
  if (all.length > maxEndpoints) return [...errors, tooMany('endpoints', all.length, maxEndpoints)];
  for (const [index, endpoint] of all.entries()) {
    errors.push(...validateEndpoint(endpoint, type, `endpoints[${index}]`));
  }
  return [...errors, ...validatePorts(portsOf(object))];
}

function validateEndpoint(endpoint: V1Endpoint, type: string, path: string): FieldError[] {
  const addresses = endpoint.addresses ?? [];
  const errors: FieldError[] = [];
  const field = `${path}.addresses`;
  if (addresses.length === 0) errors.push(required(field, 'must contain at least 1 address'));
  else if (addresses.length > maxAddresses) errors.push(tooMany(field, addresses.length, maxAddresses));
  // Too many addresses are not looked at one by one.
  else
    for (const [at, address] of addresses.entries())
      errors.push(...validateAddress(address, type, `${field}[${at}]`));
  if (endpoint.hostname !== undefined) {
    errors.push(...invalidAll(`${path}.hostname`, endpoint.hostname, isDNS1123Label(endpoint.hostname)));
  }
  if (endpoint.nodeName !== undefined) {
    errors.push(...invalidAll(`${path}.nodeName`, endpoint.nodeName, isDNS1123Subdomain(endpoint.nodeName)));
  }
  return errors;
}

function validateAddress(address: string, type: string, field: string): FieldError[] {
  if (type === 'FQDN') return invalidAll(field, address, isDNS1123Subdomain(address.replace(/\.$/, '')));
  const family = parseIP(address)?.family;
  if (family === undefined) return [invalid(field, address, ipMessage)];
  if (type === 'IPv4' && family !== 4) return [invalid(field, address, 'must be a valid IPv4 address')];
  if (type === 'IPv6' && family !== 6) return [invalid(field, address, 'must be a valid IPv6 address')];
  const special = specialRange(address);
  return special === undefined ? [] : [invalid(field, address, special)];
}

function validatePorts(ports: readonly DiscoveryV1EndpointPort[]): FieldError[] {
  if (ports.length > maxPorts) return [tooMany('ports', ports.length, maxPorts)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const protocols = ['SCTP', 'TCP', 'UDP'];
  for (const [index, { name = '', port, protocol, appProtocol }] of ports.entries()) {
    const path = `ports[${index}]`;
    if (name !== '') errors.push(...invalidAll(`${path}.name`, name, isDNS1123Label(name)));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    if (port !== undefined) errors.push(...invalidAll(`${path}.port`, port, isPortNumber(port)));
    if (!protocols.includes(protocol ?? '')) {
      errors.push(notSupported(`${path}.protocol`, protocol ?? '', protocols));
    }
    if (appProtocol !== undefined) {
      errors.push(...invalidAll(`${path}.appProtocol`, appProtocol, isQualifiedName(appProtocol)));
    }
  }
  return errors;
}

function summary(values: readonly string[]): string {
  if (values.length === 0) return '<unset>';
  const list = values.slice(0, shown).join(',');
  return values.length > shown ? `${list} + ${values.length - shown} more...` : list;
}
