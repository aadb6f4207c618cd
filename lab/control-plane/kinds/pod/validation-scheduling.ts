import type {
  V1Affinity,
  V1NodeSelectorTerm,
  V1PodAffinityTerm,
  V1Toleration,
  V1TopologySpreadConstraint,
} from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { forbidden, GoText, goQuote, invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import { inRange, isQualifiedName, validateLabelSelector } from '../meta/index.ts';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(tolerations: readonly V1Toleration[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, toleration] of tolerations.entries()) {
    const path = `${field}[${index}]`;
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration;
    if (key !== '') errors.push(...invalidAll(`${path}.key`, key, isQualifiedName(key)));
    if (key === '' && operator !== 'Exists') {
      errors.push(
        invalid(
          `${path}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(
        invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    }
    if (operator === 'Exists' && value !== '') {
      errors.push(
        invalid(
          `${path}.operator`,
          tolerationText(toleration),
          "value must be empty when `operator` is 'Exists'",
        ),
      );
    } else if (operator !== '' && operator !== 'Equal' && operator !== 'Exists') {
      errors.push(notSupported(`${path}.operator`, operator, ['Equal', 'Exists']));
    }
    if (effect !== '' && !effects.includes(effect)) {
      errors.push(notSupported(`${path}.effect`, effect, effects));
    }
  }
  return errors;
}

export function validateAffinity(affinity: V1Affinity | undefined, field: string): FieldError[] {
  if (!affinity) return [];
  const errors: FieldError[] = [];
  const requiredTerms = affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const node = `${field}.nodeAffinity`;
  if (requiredTerms) {
    const path = `${node}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
    if ((requiredTerms.nodeSelectorTerms ?? []).length === 0) {
      errors.push(required(path, 'must have at least one node selector term'));
    }
    for (const [index, term] of (requiredTerms.nodeSelectorTerms ?? []).entries()) {
      errors.push(...validateNodeTerm(term, `${path}[${index}]`));
    }
  }
  const preferred = affinity.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const [index, { weight, preference }] of preferred.entries()) {
    const path = `${node}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    errors.push(
      ...validateWeight(weight, `${path}.weight`),
      ...validateNodeTerm(preference, `${path}.preference`),
    );
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const terms = affinity[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    for (const [index, term] of terms.entries()) {
      const path = `${field}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`;
      errors.push(...validatePodTerm(term, path));
    }
    const weighted = affinity[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    for (const [index, { weight, podAffinityTerm }] of weighted.entries()) {
      const path = `${field}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
      errors.push(...validateWeight(weight, `${path}.weight`));
      errors.push(...validatePodTerm(podAffinityTerm, `${path}.podAffinityTerm`));
    }
  }
  return errors;
}

export function validateSpreading(
  constraints: readonly V1TopologySpreadConstraint[],
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const actions = ['DoNotSchedule', 'ScheduleAnyway'];
  for (const [index, constraint] of constraints.entries()) {
    const path = `${field}[${index}]`;
    if ((constraint.maxSkew ?? 0) <= 0) {
      errors.push(invalid(`${path}.maxSkew`, constraint.maxSkew ?? 0, 'must be greater than zero'));
    }
    if (!constraint.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
    else {
      const messages = isQualifiedName(constraint.topologyKey);
      errors.push(...invalidAll(`${path}.topologyKey`, constraint.topologyKey, messages));
    }
    if (!actions.includes(constraint.whenUnsatisfiable ?? '')) {
      errors.push(notSupported(`${path}.whenUnsatisfiable`, constraint.whenUnsatisfiable ?? '', actions));
    }
    errors.push(...validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`));
  }
  return errors;
}

function validateNodeTerm(term: V1NodeSelectorTerm | undefined, field: string): FieldError[] {
  const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];
  return (term?.matchExpressions ?? []).flatMap(({ key = '', operator = '', values }, index) => {
    const path = `${field}.matchExpressions[${index}]`;
    const count = values?.length ?? 0;
    const errors: FieldError[] = [];
    if ((operator === 'In' || operator === 'NotIn') && count === 0) {
      errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
    if ((operator === 'Exists' || operator === 'DoesNotExist') && count > 0) {
      errors.push(
        forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      );
    }
    if ((operator === 'Gt' || operator === 'Lt') && count !== 1) {
      errors.push(
        required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
      );
    }
    if (!operators.includes(operator)) {
      errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
    }
    return [...errors, ...invalidAll(`${path}.key`, key, isQualifiedName(key))];
  });
}

function validatePodTerm(term: V1PodAffinityTerm | undefined, field: string): FieldError[] {
  const errors = validateLabelSelector(term?.labelSelector, `${field}.labelSelector`);
  errors.push(...validateLabelSelector(term?.namespaceSelector, `${field}.namespaceSelector`));
  if (!term?.topologyKey) errors.push(required(`${field}.topologyKey`, 'can not be empty'));
  else
    errors.push(...invalidAll(`${field}.topologyKey`, term.topologyKey, isQualifiedName(term.topologyKey)));
  return errors;
}

function validateWeight(weight: number | undefined, field: string): FieldError[] {
  return inRange(weight ?? 0, 1, 100).map(() => invalid(field, weight ?? 0, 'must be in the range 1-100'));
}

function tolerationText({ key, operator, value, effect, tolerationSeconds }: V1Toleration): GoText {
  const quoted = (text: string | undefined): string => goQuote(text ?? '');
  const seconds = tolerationSeconds === undefined ? '(*int64)(nil)' : String(tolerationSeconds);
  return new GoText(
    `core.Toleration{Key:${quoted(key)}, Operator:${quoted(operator)}, Value:${quoted(value)}, Effect:${quoted(effect)}, TolerationSeconds:${seconds}}`,
  );
}
