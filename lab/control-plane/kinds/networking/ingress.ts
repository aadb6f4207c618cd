import type { V1Ingress, V1IngressSpec } from '@kubernetes/client-node';
import type { Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { isDNS1123Subdomain, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { sectionOf } from '../section.ts';
import { keepStatus, nextGeneration, startGeneration } from '../status.ts';
import { age, ageColumn, column, nameColumn } from '../tables/index.ts';
import { fromOldIngress, toOldIngress } from './old-versions.ts';
import {
  classAnnotation,
  validateClassAnnotation,
  validateIngressSpec,
  validateIngressStatus,
} from './validation.ts';

const specOf = (object: KubeObject): V1IngressSpec => sectionOf(object, 'spec');
const shownHosts = 3;

export const ingresses: Kind = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  subresources: ['status'],
  schema: schemaOf('io.k8s.api.networking.v1.Ingress'),
  alsoServed: [
    oldVersion('networking.k8s.io', 'v1.19', 'io.k8s.api.networking.v1beta1.Ingress'),
    oldVersion('extensions', 'v1.14', 'io.k8s.api.extensions.v1beta1.Ingress'),
  ],
  prepareForCreate: (object) => startGeneration(object, { loadBalancer: {} }),
  prepareForUpdate(object, old) {
    keepStatus(object, old);
    nextGeneration(object, old);
  },
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1123Subdomain),
    ...validateIngressSpec(specOf(object)),
    ...validateClassAnnotation(object),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateIngressSpec(specOf(object)),
  ],
  validateStatusUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateIngressStatus(object),
  ],
  warnings(object) {
    const annotated = object.metadata.annotations?.[classAnnotation] !== undefined;
    if (!annotated || specOf(object).ingressClassName !== undefined) return [];
    return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
  },
  columns: [
    nameColumn,
    column('Class', 'The name of the IngressClass resource that should be used for additional configuration'),
    column('Hosts', 'Hosts that incoming requests are matched against before the ingress rule'),
    column('Address', 'Address is a list containing ingress points for the load-balancer'),
    column('Ports', 'Ports of TLS configurations that open'),
    ageColumn,
  ],
  row,
};

/** What the white paper's manifests are written in; a real server of 1.22 and later no longer takes it. */
function oldVersion(
  group: string,
  deprecated: string,
  schema: string,
): NonNullable<Kind['alsoServed']>[number] {
  const apiVersion = `${group}/v1beta1`;
  return {
    group,
    version: 'v1beta1',
    warning: `${apiVersion} Ingress is deprecated in ${deprecated}+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress`,
    schema: schemaOf(schema),
    toStorage: fromOldIngress,
    fromStorage: (object) => toOldIngress(object, apiVersion),
  };
}

/** printIngress */
function row(object: KubeObject, now: Date): string[] {
  const spec = specOf(object);
  const hosts = (spec.rules ?? []).map(({ host }) => host ?? '').filter((host) => host !== '');
  const list = hosts.slice(0, shownHosts).join(',');
  const more = hosts.length > shownHosts ? ` + ${hosts.length - shownHosts} more...` : '';
  const addresses = ((object as unknown as V1Ingress).status?.loadBalancer?.ingress ?? [])
    .map(({ ip, hostname }) => ip || hostname || '')
    .filter((address) => address !== '');
  return [
    object.metadata.name,
    spec.ingressClassName ?? object.metadata.annotations?.[classAnnotation] ?? '<none>',
    hosts.length === 0 ? '*' : `${list}${more}`,
    addresses.join(','),
    (spec.tls ?? []).length > 0 ? '80, 443' : '80',
    age(object.metadata.creationTimestamp, now),
  ];
}
