import type { V1LabelSelector, V1PodTemplateSpec } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { goLabelSelector, goStringMap, invalid, required } from '../fields/index.ts';
import { isEmptySelector, matchesSelector, validateLabelSelector } from '../meta/index.ts';
import { podWarnings, validateAlwaysRunning, validateTemplate } from '../pod/index.ts';
import { semanticallyEqual } from '../values/index.ts';

/**
 * Selector and template of a workload: the selector must be there, be valid, and match the template.
 * @param kind as messages name it, e.g. `deployment`
 */
export function validateSelectorAndTemplate(
  spec: { readonly selector?: V1LabelSelector; readonly template?: V1PodTemplateSpec },
  kind: string,
): FieldError[] {
  const { selector, template } = spec;
  if (!selector) return [required('spec.selector'), ...validatePods(template, kind)];
  const errors = validateLabelSelector(selector, 'spec.selector');
  if (errors.length > 0) {
    return [...errors, invalid('spec.selector', goLabelSelector(selector), 'invalid label selector')];
  }
  if (isEmptySelector(selector)) {
    errors.push(invalid('spec.selector', goLabelSelector(selector), `empty selector is invalid for ${kind}`));
  } else if (!matchesSelector(selector, template?.metadata?.labels)) {
    errors.push(
      invalid(
        'spec.template.metadata.labels',
        goStringMap(template?.metadata?.labels),
        '`selector` does not match template `labels`',
      ),
    );
  }
  return [...errors, ...validatePods(template, kind)];
}

/** apps/v1: a selector is for life. */
export function validateSelectorChange(
  selector: V1LabelSelector | undefined,
  old: V1LabelSelector | undefined,
): FieldError[] {
  if (semanticallyEqual(selector, old)) return [];
  return [invalid('spec.selector', goLabelSelector(selector ?? {}), 'field is immutable')];
}

function validatePods(template: V1PodTemplateSpec | undefined, kind: string): FieldError[] {
  return [
    ...validateTemplate(template, 'spec.template'),
    ...validateAlwaysRunning(
      template?.spec,
      'spec.template.spec',
      kind === 'daemonset' ? 'DaemonSet' : 'ReplicaSet',
    ),
  ];
}

/** What a workload's template would make a pod be warned of. */
export function templateWarnings(template: V1PodTemplateSpec | undefined): string[] {
  const [metadata, spec] = ['spec.template.metadata', 'spec.template.spec'];
  return podWarnings(template?.metadata?.annotations, template?.spec, metadata, spec);
}
