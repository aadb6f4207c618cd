import type { V1IngressClassSpec } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { invalid, required, tooLong } from '../fields/index.ts';
import { isDNS1123Subdomain, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { sectionOf } from '../section.ts';
import { nextGeneration, startGeneration } from '../status.ts';
import { age, ageColumn, column, nameColumn } from '../tables/index.ts';

const specOf = (object: KubeObject): V1IngressClassSpec => sectionOf(object, 'spec');
const maxController = 250;

export const ingressclasses: Kind = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  subresources: [],
  schema: schemaOf('io.k8s.api.networking.v1.IngressClass'),
  defaults(object) {
    const { parameters } = specOf(object);
    if (parameters) parameters.scope ??= 'Cluster';
  },
  prepareForCreate: (object) => startGeneration(object, undefined),
  prepareForUpdate: (object, old) => nextGeneration(object, old),
  validate: (object) => [
    ...validateObjectMeta(object, false, isDNS1123Subdomain),
    ...validateSpec(specOf(object)),
  ],
  validateUpdate: (object, old) => {
    const { controller } = specOf(object);
    const changed = controller !== specOf(old).controller;
    return [
      ...validateObjectMetaUpdate(object, old),
      ...(changed ? [invalid('spec.controller', controller ?? '', 'field is immutable')] : []),
      ...validateSpec(specOf(object)),
    ];
  },
  columns: [
    nameColumn,
    column('Controller', 'Controller that is responsible for handling this class'),
    column('Parameters', 'A reference to a resource with additional parameters'),
    ageColumn,
  ],
  row(object, now) {
    const { controller, parameters } = specOf(object);
    const group = parameters?.apiGroup ? `.${parameters.apiGroup}` : '';
    return [
      object.metadata.name,
      controller ?? '',
      parameters ? `${parameters.kind}${group}/${parameters.name}` : '<none>',
      age(object.metadata.creationTimestamp, now),
    ];
  },
};

function validateSpec({ controller = '', parameters }: V1IngressClassSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (controller === '') errors.push(required('spec.controller'));
  else if (controller.length > maxController) errors.push(tooLong('spec.controller', maxController));
  else {
    const [domain = '', ...path] = controller.split('/');
    if (path.join('/') === '' || isDNS1123Subdomain(domain).length > 0) {
      errors.push(
        invalid('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")'),
      );
    }
  }
  if (!parameters) return errors;
  if (!parameters.kind) errors.push(required('spec.parameters.kind', 'kind is required'));
  if (!parameters.name) errors.push(required('spec.parameters.name', 'name is required'));
  return errors;
}
