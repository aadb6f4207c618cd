import { age, ageColumn, column, nameColumn } from '../../kinds/tables/index.ts';
import type { TableKind } from '../output/table.ts';
import { isObject } from '../patch/merge.ts';

/** Columns of `kubectl get --subresource=scale`. */
export const scaleTable: TableKind = {
  columns: [
    { ...nameColumn, format: '' },
    column('Desired', 'replicas is the desired number of instances for the scaled object.', {
      type: 'integer',
    }),
    column('Available', 'replicas is the actual number of observed instances of the scaled object.', {
      type: 'integer',
    }),
    ageColumn,
  ],
  row(object, now) {
    const { replicas = 0 } = (object.spec ?? {}) as { replicas?: number };
    const { replicas: available = 0 } = (object.status ?? {}) as { replicas?: number };
    return [object.metadata.name, replicas, available, age(object.metadata.creationTimestamp, now)];
  },
};

/** A label selector in the text form of Scale's status. */
export function formatSelector(
  selector:
    | {
        readonly matchLabels?: Readonly<Record<string, string>>;
        readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
      }
    | undefined,
): string {
  if (!isObject(selector)) return '';
  const terms = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => [key, `${key}=${value}`]);
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const list = `(${[...values].sort().join(',')})`;
    if (operator === 'In') terms.push([key, `${key} in ${list}`]);
    else if (operator === 'NotIn') terms.push([key, `${key} notin ${list}`]);
    else terms.push([key, operator === 'Exists' ? key : `!${key}`]);
  }
  return terms
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join(',');
}
