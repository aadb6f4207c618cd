import type { V1LabelSelector } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { forbidden, invalid, invalidAll, required } from '../fields/index.ts';
import { isLabelValue, isQualifiedName } from './names.ts';
import { validateLabels } from './object-meta.ts';

/** apimachinery ValidateLabelSelector. */
export function validateLabelSelector(selector: V1LabelSelector | undefined, field: string): FieldError[] {
  if (!selector) return [];
  const errors = validateLabels(selector.matchLabels, `${field}.matchLabels`);
  for (const [index, { key = '', operator = '', values }] of (selector.matchExpressions ?? []).entries()) {
    const path = `${field}.matchExpressions[${index}]`;
    const count = values?.length ?? 0;
    if (operator === 'In' || operator === 'NotIn') {
      if (count === 0) {
        errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (count > 0) {
        errors.push(
          forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        );
      }
    } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
    errors.push(...invalidAll(`${path}.key`, key, isQualifiedName(key)));
    for (const [at, value] of (values ?? []).entries()) {
      errors.push(...invalidAll(`${path}.values[${at}]`, value, isLabelValue(value)));
    }
  }
  return errors;
}

export function isEmptySelector(selector: V1LabelSelector): boolean {
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
  );
}

/** metav1.LabelSelectorAsSelector and Matches; an empty selector matches all. */
export function matchesSelector(
  selector: V1LabelSelector,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const of = (key: string): string | undefined => labels?.[key];
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => of(key) === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
      const value = of(key);
      if (operator === 'In') return value !== undefined && (values ?? []).includes(value);
      if (operator === 'NotIn') return value === undefined || !(values ?? []).includes(value);
      return operator === 'Exists' ? value !== undefined : value === undefined;
    })
  );
}

/** `app=redis,tier in (a,b)`, as tables print selectors (metav1.FormatLabelSelector): `<none>` for an empty one. */
export function formatSelector(selector: V1LabelSelector | undefined): string {
  if (!selector || isEmptySelector(selector)) return '<none>';
  const requirements = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => [key, `${key}=${value}`] as const),
    ...(selector.matchExpressions ?? []).map(
      ({ key, operator, values }) => [key, formatExpression(key, operator, values ?? [])] as const,
    ),
  ];
  return requirements
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, text]) => text)
    .join(',');
}

/** `a=b,c=d`, sorted by key, of a plain map (labels.FormatLabels); `<none>` when empty. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const text = Object.keys(labels ?? {})
    .sort()
    .map((key) => `${key}=${labels?.[key]}`)
    .join(',');
  return text === '' ? '<none>' : text;
}

function formatExpression(key: string, operator: string, values: readonly string[]): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`;
}
