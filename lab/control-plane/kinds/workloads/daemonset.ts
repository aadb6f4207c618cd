import type { V1DaemonSet, V1DaemonSetSpec } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { goIntOrString, invalid, notSupported } from '../fields/index.ts';
import {
  formatLabels,
  formatSelector,
  isDNS1123Subdomain,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { defaultTemplate, nonNegative } from '../pod/index.ts';
import { sectionOf } from '../section.ts';
import { keepStatus, nextGeneration, startGeneration } from '../status.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';
import { isZero, validateAmount, validateNotOverAll } from './rollout.ts';
import { templateCells, templateColumns } from './table.ts';
import { templateWarnings, validateSelectorAndTemplate, validateSelectorChange } from './validation.ts';

const specOf = (object: KubeObject): V1DaemonSetSpec => sectionOf(object, 'spec');
/** Which generation of the template pods had before apps/v1; still written on every template change. */
const templateGeneration = 'deprecated.daemonset.template.generation';

export const daemonsets: Kind = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  subresources: ['status'],
  schema: schemaOf('io.k8s.api.apps.v1.DaemonSet'),
  defaults: (object) => setDefaults(specOf(object)),
  prepareForCreate(object) {
    startGeneration(object, {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    });
    annotate(object, 1);
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old);
    nextGeneration(object, old);
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0);
    const changed = JSON.stringify(specOf(object).template) !== JSON.stringify(specOf(old).template);
    annotate(object, changed ? before + 1 : before);
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
    columnOf('Desired', 'apps.v1.DaemonSetStatus#desiredNumberScheduled'),
    columnOf('Current', 'apps.v1.DaemonSetStatus#currentNumberScheduled'),
    columnOf('Ready', 'apps.v1.DaemonSetStatus#numberReady'),
    columnOf('Up-to-date', 'apps.v1.DaemonSetStatus#updatedNumberScheduled'),
    columnOf('Available', 'apps.v1.DaemonSetStatus#numberAvailable'),
    columnOf('Node Selector', 'core.v1.PodSpec#nodeSelector'),
    ageColumn,
    ...templateColumns('apps.v1.DaemonSetSpec#selector'),
  ],
  row,
};

/** pkg/apis/apps/v1 SetDefaults_DaemonSet */
function setDefaults(spec: V1DaemonSetSpec): void {
  spec.template ??= {};
  defaultTemplate(spec.template);
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= 1;
    strategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

function annotate(object: KubeObject, generation: number): void {
  object.metadata.annotations = { ...object.metadata.annotations, [templateGeneration]: String(generation) };
}

function validateSpec(spec: V1DaemonSetSpec): FieldError[] {
  const errors = validateSelectorAndTemplate(spec, 'daemonset');
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
  const field = 'spec.updateStrategy';
  const { type = '', rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'RollingUpdate') {
    const path = `${field}.rollingUpdate`;
    const { maxSurge, maxUnavailable } = rollingUpdate ?? {};
    errors.push(...validateAmount(maxUnavailable, `${path}.maxUnavailable`));
    errors.push(...validateAmount(maxSurge, `${path}.maxSurge`));
    errors.push(...validateNotOverAll(maxUnavailable, `${path}.maxUnavailable`));
    errors.push(...validateNotOverAll(maxSurge, `${path}.maxSurge`));
    if (isZero(maxUnavailable) && isZero(maxSurge)) {
      const value = goIntOrString(maxUnavailable ?? 0);
      errors.push(invalid(`${path}.maxUnavailable`, value, 'cannot be 0 when maxSurge is 0'));
    } else if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
      errors.push(
        invalid(
          `${path}.maxSurge`,
          goIntOrString(maxSurge ?? 0),
          'may not be set when maxUnavailable is non-zero',
        ),
      );
    }
  } else if (type !== 'OnDelete')
    errors.push(notSupported(`${field}.type`, type, ['RollingUpdate', 'OnDelete']));
  errors.push(...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'));
  return errors;
}

/** printDaemonSet */
function row(object: KubeObject, now: Date): (string | number)[] {
  const spec = specOf(object);
  const { status } = object as unknown as V1DaemonSet;
  return [
    object.metadata.name,
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    formatLabels(spec.template.spec?.nodeSelector),
    age(object.metadata.creationTimestamp, now),
    ...templateCells(spec.template),
    formatSelector(spec.selector),
  ];
}
