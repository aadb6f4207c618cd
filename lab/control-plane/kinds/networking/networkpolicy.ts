import type { V1NetworkPolicyPeer, V1NetworkPolicyPort, V1NetworkPolicySpec } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { forbidden, goStrings, invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import {
  formatSelector,
  isDNS1123Subdomain,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { validatePortOrName } from '../pod/index.ts';
import { sectionOf } from '../section.ts';
import { nextGeneration, startGeneration } from '../status.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';
import { contains, isValidCIDR, parseCIDR } from '../values/index.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const specOf = (object: KubeObject): V1NetworkPolicySpec => sectionOf(object, 'spec');

export const networkpolicies: Kind = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  subresources: [],
  schema: schemaOf('io.k8s.api.networking.v1.NetworkPolicy'),
  defaults(object) {
    const spec = specOf(object);
    spec.podSelector ??= {};
    for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of ports ?? []) port.protocol ||= 'TCP';
    }
    if ((spec.policyTypes ?? []).length === 0) {
      spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
    }
  },
  prepareForCreate: (object) => startGeneration(object, undefined),
  prepareForUpdate: (object, old) => nextGeneration(object, old),
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1123Subdomain),
    ...validateSpec(specOf(object)),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateSpec(specOf(object)),
  ],
  columns: [nameColumn, columnOf('Pod-Selector', 'networking.v1.NetworkPolicySpec#podSelector'), ageColumn],
  row: (object, now) => [
    object.metadata.name,
    formatSelector(specOf(object).podSelector),
    age(object.metadata.creationTimestamp, now),
  ],
};

function validateSpec(spec: V1NetworkPolicySpec): FieldError[] {
  const errors = validateLabelSelector(spec.podSelector, 'spec.podSelector');
  for (const [index, rule] of (spec.ingress ?? []).entries()) {
    errors.push(...validateRule(rule.ports, peersOf(rule), `spec.ingress[${index}]`, 'from'));
  }
  for (const [index, rule] of (spec.egress ?? []).entries()) {
    errors.push(...validateRule(rule.ports, rule.to, `spec.egress[${index}]`, 'to'));
  }
  const types = spec.policyTypes ?? [];
  if (types.length > 2) {
    return [
      ...errors,
      invalid(
        'spec.policyTypes',
        goStrings(types, '[]networking.PolicyType'),
        'may not specify more than two policyTypes',
      ),
    ];
  }
  for (const [index, type] of types.entries()) {
    if (type === 'Ingress' || type === 'Egress') continue;
    errors.push(notSupported(`spec.policyTypes[${index}]`, type, ['Egress', 'Ingress']));
  }
  return errors;
}

/** The models call the field `_from`; in JSON it is `from`. */
function peersOf(rule: object): V1NetworkPolicyPeer[] | undefined {
  return (rule as { from?: V1NetworkPolicyPeer[] }).from;
}

function validateRule(
  ports: readonly V1NetworkPolicyPort[] | undefined,
  peers: readonly V1NetworkPolicyPeer[] | undefined,
  field: string,
  direction: string,
): FieldError[] {
  return [
    ...(ports ?? []).flatMap((port, index) => validatePort(port, `${field}.ports[${index}]`)),
    ...(peers ?? []).flatMap((peer, index) => validatePeer(peer, `${field}.${direction}[${index}]`)),
  ];
}

function validatePort({ port, endPort, protocol }: V1NetworkPolicyPort, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (protocol !== undefined && !protocols.includes(protocol)) {
    errors.push(notSupported(`${path}.protocol`, protocol, protocols));
  }
  if (port !== undefined) errors.push(...validatePortOrName(port, `${path}.port`));
  if (endPort === undefined) return errors;
  const field = `${path}.endPort`;
  if (port === undefined)
    errors.push(invalid(field, endPort, 'may not be specified when `port` is not specified'));
  else if (typeof port === 'string') {
    errors.push(invalid(field, endPort, 'may not be specified when `port` is non-numeric'));
  } else {
    // The original prints the port, not the end of the range.
    if (endPort < port) errors.push(invalid(field, port, 'must be greater than or equal to `port`'));
    if (endPort < 1 || endPort > 65535) {
      errors.push(invalid(field, endPort, 'must be between 1 and 65535, inclusive'));
    }
  }
  return errors;
}

function validatePeer(
  { ipBlock, podSelector, namespaceSelector }: V1NetworkPolicyPeer,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  errors.push(...validateLabelSelector(podSelector, `${path}.podSelector`));
  errors.push(...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`));
  if (ipBlock) {
    const cidr = ipBlock.cidr ?? '';
    const field = `${path}.ipBlock`;
    if (cidr === '') errors.push(required(`${field}.cidr`));
    else errors.push(...invalidAll(`${field}.cidr`, cidr, isValidCIDR(cidr)));
    const whole = parseCIDR(cidr);
    for (const [index, except] of (ipBlock.except ?? []).entries()) {
      const at = `${field}.except[${index}]`;
      const part = parseCIDR(except);
      if (!part) errors.push(...invalidAll(at, except, isValidCIDR(except)));
      else if (whole && !(contains(whole, part) && part.length > whole.length)) {
        errors.push(invalid(at, except, 'must be a strict subset of `cidr`'));
      }
    }
    if (podSelector || namespaceSelector) {
      errors.push(forbidden(path, 'may not specify both ipBlock and another peer'));
    }
  }
  if (!ipBlock && !podSelector && !namespaceSelector) errors.push(required(path, 'must specify a peer'));
  return errors;
}
