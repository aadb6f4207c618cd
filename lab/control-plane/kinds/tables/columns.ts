import type { TableColumn } from '../../registry/kind.ts';
import { fieldDescription } from '../../schema/index.ts';

type Extra = Partial<Pick<TableColumn, 'type' | 'priority'>>;

/** A column whose description is that of a field; `of` is type and field, e.g. `core.v1.ServiceSpec#type`. */
export function columnOf(name: string, of: string, extra: Extra = {}): TableColumn {
  const [type = '', field = ''] = of.split('#');
  return column(name, fieldDescription(type, field), extra);
}

export function column(name: string, description: string, extra: Extra = {}): TableColumn {
  return { name, type: 'string', format: '', description, priority: 0, ...extra };
}

/** Wide columns: shown with -o wide. */
export const wide = { priority: 1 } as const;

export const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  priority: 0,
};

export const ageColumn: TableColumn = {
  name: 'Age',
  type: 'string',
  format: '',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  priority: 0,
};
