import type { V1Pod, V1PodSpec, V1PodStatus } from '@kubernetes/client-node';
import type { Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { isDNS1123Subdomain, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { sectionOf } from '../section.ts';
import { keepStatus } from '../status.ts';
import { defaultPod } from './defaults.ts';
import { qosClass } from './qos.ts';
import { mountServiceAccountToken } from './service-account-token.ts';
import { podColumns, podRow } from './table.ts';
import { validatePodSpec } from './validation.ts';
import { validatePodChange, validatePodStatus } from './validation-update.ts';
import { podWarnings } from './warnings.ts';

const asPod = (object: KubeObject): V1Pod => object as unknown as V1Pod;

export const pods: Kind = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  subresources: ['status', 'log', 'exec', 'attach', 'portforward', 'eviction', 'binding'],
  schema: schemaOf('io.k8s.api.core.v1.Pod'),
  defaults: (object) => defaultPod(asPod(object)),
  prepareForCreate(object, context) {
    const pod = asPod(object);
    mountServiceAccountToken(pod, context);
    object.status = { phase: 'Pending', qosClass: qosClass(pod.spec as V1PodSpec) };
  },
  prepareForUpdate: keepStatus,
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1123Subdomain),
    ...validatePodSpec(asPod(object).spec, 'spec'),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validatePodSpec(asPod(object).spec, 'spec'),
    ...validatePodChange(asPod(object), asPod(old)),
  ],
  prepareForStatusUpdate(object, old) {
    const status = sectionOf<V1PodStatus>(object, 'status');
    const before = asPod(old).status;
    if (before?.qosClass !== undefined) status.qosClass = before.qosClass;
  },
  validateStatusUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validatePodStatus(asPod(object).status),
  ],
  warnings: (object) => podWarnings(object.metadata.annotations, asPod(object).spec, 'metadata', 'spec'),
  gracePeriodSeconds: (object) => asPod(object).spec?.terminationGracePeriodSeconds ?? 30,
  fieldSelectors: fields,
  columns: podColumns,
  row: podRow,
};

/** ToSelectableFields of pkg/registry/core/pod. */
function fields(object: KubeObject): Record<string, string> {
  const { spec, status } = asPod(object);
  return {
    'spec.nodeName': spec?.nodeName ?? '',
    'spec.restartPolicy': spec?.restartPolicy ?? '',
    'spec.schedulerName': spec?.schedulerName ?? '',
    'spec.serviceAccountName': spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec?.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
    'status.podIPs': status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  };
}
