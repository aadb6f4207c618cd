import type { Kind, Schema, TableColumn } from '../../../lab/control-plane/registry/index.ts';

const strings: Schema = { type: 'object', additional: { type: 'string' } };
const metadata: Schema = {
  type: 'object',
  ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  properties: {
    name: { type: 'string' },
    namespace: { type: 'string' },
    generateName: { type: 'string' },
    uid: { type: 'string' },
    resourceVersion: { type: 'string' },
    generation: { type: 'integer', format: 'int64' },
    creationTimestamp: { type: 'string' },
    deletionTimestamp: { type: 'string' },
    deletionGracePeriodSeconds: { type: 'integer' },
    labels: strings,
    annotations: strings,
    finalizers: { type: 'array', items: { type: 'string' }, patchStrategy: 'merge' },
    ownerReferences: { type: 'array', items: { type: 'any' } },
    managedFields: { type: 'any' },
  },
};

function schema(kind: string, properties: Readonly<Record<string, Schema>>): Schema {
  const text: Schema = { type: 'string' };
  return {
    type: 'object',
    ref: `test.${kind}`,
    properties: { apiVersion: text, kind: text, metadata, ...properties },
  };
}

const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: '',
  priority: 0,
};
const row: Kind['row'] = (object) => [object.metadata.name];
const table = { columns: [nameColumn], row } as const;

const container: Schema = {
  type: 'object',
  ref: 'test.Container',
  properties: { name: { type: 'string' }, image: { type: 'string' } },
};
const podSpec: Schema = {
  type: 'object',
  ref: 'test.PodSpec',
  properties: {
    nodeName: { type: 'string' },
    containers: { type: 'array', items: container, patchMergeKey: 'name', patchStrategy: 'merge' },
    serviceAccountName: { type: 'string' },
    serviceAccount: { type: 'string' },
    priority: { type: 'integer', format: 'int32' },
    preemptionPolicy: { type: 'string' },
    tolerations: { type: 'array', items: { type: 'any' } },
  },
};

/** A few kinds with hardly any rules: for tests of what every kind has in common. */
export const SMALL_KINDS: readonly Kind[] = [
  {
    group: '',
    version: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    singular: 'namespace',
    shortNames: ['ns'],
    namespaced: false,
    subresources: ['status', 'finalize'],
    schema: schema('Namespace', { spec: { type: 'any' }, status: { type: 'any' } }),
    prepareForCreate(object) {
      object.spec = { finalizers: ['kubernetes'] };
      object.status = { phase: 'Active' };
    },
    ...table,
  },
  {
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    singular: 'configmap',
    shortNames: ['cm'],
    namespaced: true,
    subresources: [],
    schema: schema('ConfigMap', { data: strings }),
    ...table,
  },
  {
    group: '',
    version: 'v1',
    kind: 'Pod',
    plural: 'pods',
    singular: 'pod',
    shortNames: ['po'],
    categories: ['all'],
    namespaced: true,
    subresources: ['status', 'binding', 'eviction', 'log', 'exec'],
    schema: schema('Pod', { spec: podSpec, status: { type: 'any' } }),
    gracePeriodSeconds: (object) => ((object.spec as { nodeName?: string } | undefined)?.nodeName ? 30 : 0),
    fieldSelectors: (object) => ({
      'spec.nodeName': (object.spec as { nodeName?: string } | undefined)?.nodeName ?? '',
    }),
    ...table,
  },
  {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    plural: 'deployments',
    singular: 'deployment',
    shortNames: ['deploy'],
    categories: ['all'],
    namespaced: true,
    subresources: ['status', 'scale'],
    schema: schema('Deployment', { spec: { type: 'any' }, status: { type: 'any' } }),
    prepareForCreate(object) {
      object.metadata.generation = 1;
    },
    ...table,
  },
];
