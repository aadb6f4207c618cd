import type { V1Service, V1ServiceSpec } from '@kubernetes/client-node';
import type { FieldError, Kind, KindContext, KubeObject } from '../../registry/kind.ts';
import { invalid } from '../../registry/status-error.ts';
import { schemaOf } from '../../schema/index.ts';
import { isDNS1035Label, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { sectionOf } from '../section.ts';
import { keepStatus } from '../status.ts';
import { allocateClusterIP, initFamilies } from './allocate-addresses.ts';
import { allocateNodePorts } from './allocate-ports.ts';
import { dropTypeDependent, keepAllocations, normalizeClusterIPs } from './carry-over.ts';
import { defaultService } from './defaults.ts';
import { serviceColumns, serviceRow } from './table.ts';
import { validateService } from './validation.ts';
import { validateClusterIPChange, validateClusterIPs } from './validation-addresses.ts';
import { validateServiceStatus } from './validation-status.ts';
import { serviceWarnings } from './warnings.ts';

const asService = (object: KubeObject): V1Service => object as unknown as V1Service;
const specOf = (object: KubeObject): V1ServiceSpec => sectionOf(object, 'spec');

export const services: Kind = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  subresources: ['status'],
  schema: schemaOf('io.k8s.api.core.v1.Service'),
  defaults: (object) => defaultService(asService(object)),
  prepareForCreate(object, context) {
    object.status = { loadBalancer: {} };
    normalizeClusterIPs(specOf(object), undefined);
    allocate(object, context);
  },
  prepareForUpdate(object, old, context) {
    keepStatus(object, old);
    const spec = specOf(object);
    const before = specOf(old);
    keepAllocations(spec, before);
    normalizeClusterIPs(spec, before);
    dropTypeDependent(spec, before);
    if (spec.type !== 'LoadBalancer' && before.type === 'LoadBalancer') object.status = { loadBalancer: {} };
    // A refused change of address must not look like an address that is taken.
    if (validateClusterIPChange(spec, before).length === 0) allocate(object, context, old);
  },
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1035Label),
    ...validateService(asService(object)),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateClusterIPChange(specOf(object), specOf(old)),
    ...validateService(asService(object)),
  ],
  prepareForStatusUpdate: (object) => defaultService(asService(object)),
  validateStatusUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateServiceStatus(asService(object)),
  ],
  warnings: (object) => serviceWarnings(asService(object)),
  fieldSelectors: (object) => ({
    'spec.clusterIP': specOf(object).clusterIP ?? '',
    'spec.type': specOf(object).type ?? '',
  }),
  columns: serviceColumns,
  row: serviceRow,
};

/**
 * The real server allocates before it validates, and stops at the first thing that cannot be allocated: so does this.
 * @throws StatusError 422
 */
function allocate(object: KubeObject, context: KindContext, old?: KubeObject): void {
  const service = asService(object);
  const own = old && asService(old);
  const steps: (() => readonly FieldError[])[] = [
    () => validateClusterIPs(specOf(object)),
    () => initFamilies(specOf(object)),
    () => allocateClusterIP(service, context, own),
    () => allocateNodePorts(service, context, own),
  ];
  for (const step of steps) {
    const errors = step();
    if (errors.length > 0) throw invalid({ group: '', name: 'Service' }, object.metadata.name, errors);
  }
}
