import type { V1Deployment, V1DeploymentSpec, V1DeploymentStrategy } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { forbidden, goIntOrString, invalid, notSupported } from '../fields/index.ts';
import {
  formatSelector,
  isDNS1123Subdomain,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { defaultTemplate, nonNegative } from '../pod/index.ts';
import { sectionOf } from '../section.ts';
import { keepStatus, nextGeneration, startGeneration } from '../status.ts';
import { age, ageColumn, column, columnOf, nameColumn } from '../tables/index.ts';
import { isZero, validateAmount, validateNotOverAll } from './rollout.ts';
import { templateCells, templateColumns } from './table.ts';
import { templateWarnings, validateSelectorAndTemplate, validateSelectorChange } from './validation.ts';

const specOf = (object: KubeObject): V1DeploymentSpec => sectionOf(object, 'spec');

export const deployments: Kind = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  subresources: ['status', 'scale'],
  schema: schemaOf('io.k8s.api.apps.v1.Deployment'),
  defaults: (object) => setDefaults(specOf(object)),
  prepareForCreate: (object) => startGeneration(object, {}),
  prepareForUpdate(object, old) {
    keepStatus(object, old);
    nextGeneration(object, old);
  },
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1123Subdomain),
    ...validateSpec(specOf(object)),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateSpec(specOf(object)),
    ...validateSelectorChange(specOf(object).selector, specOf(old).selector),
  ],
  warnings: (object) => templateWarnings(specOf(object).template),
  columns: [
    nameColumn,
    column('Ready', 'Number of the pod with ready state'),
    columnOf('Up-to-date', 'apps.v1.DeploymentStatus#updatedReplicas'),
    columnOf('Available', 'apps.v1.DeploymentStatus#availableReplicas'),
    ageColumn,
    ...templateColumns('apps.v1.DeploymentSpec#selector'),
  ],
  row,
};

/** pkg/apis/apps/v1 SetDefaults_Deployment */
function setDefaults(spec: V1DeploymentSpec): void {
  spec.replicas ??= 1;
  spec.template ??= {};
  defaultTemplate(spec.template);
  spec.strategy ??= {};
  const { strategy } = spec;
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= '25%';
    strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

function validateSpec(spec: V1DeploymentSpec): FieldError[] {
  const errors = nonNegative(spec.replicas, 'spec.replicas');
  errors.push(...validateSelectorAndTemplate(spec, 'deployment'));
  errors.push(...validateStrategy(spec.strategy ?? {}, 'spec.strategy'));
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
  errors.push(...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'));
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined) {
    errors.push(...nonNegative(deadline, 'spec.progressDeadlineSeconds'));
    if (deadline <= (spec.minReadySeconds ?? 0)) {
      errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
    }
  }
  return errors;
}

function validateStrategy({ type, rollingUpdate }: V1DeploymentStrategy, field: string): FieldError[] {
  const path = `${field}.rollingUpdate`;
  if (type === 'Recreate') {
    return rollingUpdate ? [forbidden(path, "may not be specified when strategy `type` is 'Recreate'")] : [];
  }
  if (type !== 'RollingUpdate')
    return [notSupported(`${field}.type`, type ?? '', ['Recreate', 'RollingUpdate'])];
  const { maxSurge, maxUnavailable } = rollingUpdate ?? {};
  const errors = validateAmount(maxUnavailable, `${path}.maxUnavailable`);
  errors.push(...validateAmount(maxSurge, `${path}.maxSurge`));
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(
      invalid(
        `${path}.maxUnavailable`,
        goIntOrString(maxUnavailable ?? 0),
        'may not be 0 when `maxSurge` is 0',
      ),
    );
  }
  return [...errors, ...validateNotOverAll(maxUnavailable, `${path}.maxUnavailable`)];
}

/** printDeployment */
function row(object: KubeObject, now: Date): (string | number)[] {
  const spec = specOf(object);
  const status = (object as unknown as V1Deployment).status ?? {};
  return [
    object.metadata.name,
    `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    status.updatedReplicas ?? 0,
    status.availableReplicas ?? 0,
    age(object.metadata.creationTimestamp, now),
    ...templateCells(spec.template),
    formatSelector(spec.selector),
  ];
}
