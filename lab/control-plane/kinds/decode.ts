import type { Schema } from '../registry/kind.ts';
import { canonicalQuantity } from './values/index.ts';

/** Whether there is anything to do below a schema. */
const concerned = new Map<Schema, boolean>();

/**
 * What Go's decoder does besides checking types: a null in a list is an empty value, and a quantity comes out in its canonical form
 * (`0.5` → `500m`). Changes the object.
 */
export function decodeValues(value: unknown, schema: Schema): void {
  if (typeof value !== 'object' || value === null || !isConcerned(schema)) return;
  if (schema.type === 'array') {
    const items = value as unknown[];
    for (const [index, item] of items.entries()) {
      if (item === null) items[index] = zeroOf(schema.items);
      else decodeValues(item, schema.items);
    }
    return;
  }
  if (schema.type !== 'object') return;
  const fields = value as Record<string, unknown>;
  for (const [key, field] of Object.entries(fields)) {
    const child = schema.properties?.[key] ?? schema.additional;
    if (!child) continue;
    if (child.type !== 'quantity') decodeValues(field, child);
    else if (typeof field === 'string' || typeof field === 'number') fields[key] = canonicalQuantity(field);
  }
}

function zeroOf(schema: Schema): unknown {
  if (schema.type === 'object') return {};
  if (schema.type === 'string') return '';
  if (schema.type === 'boolean') return false;
  return schema.type === 'array' ? [] : 0;
}

function isConcerned(schema: Schema): boolean {
  const known = concerned.get(schema);
  if (known !== undefined) return known;
  // For a type inside itself.
  concerned.set(schema, false);
  const children: Schema[] =
    schema.type === 'object'
      ? [...Object.values(schema.properties ?? {}), ...(schema.additional ? [schema.additional] : [])]
      : [];
  // Calico's allocations are a list of numbers in which null means free.
  const list = schema.type === 'array' && schema.items.type !== 'integer';
  const found = schema.type === 'quantity' || list || children.some(isConcerned);
  concerned.set(schema, found);
  return found;
}
