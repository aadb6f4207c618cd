import type { Schema } from '../registry/kind.ts';

/**
 * Takes empty lists and empty maps out of an object, as Go's omitempty does when an object is stored; an empty struct
 * stays (`resources: {}`, `podSelector: {}`). To be called after validation, which tells `[]` from nothing. Changes the object.
 */
export function dropEmpty(value: unknown, schema: Schema): void {
  if (typeof value !== 'object' || value === null) return;
  if (schema.type === 'array') for (const item of value as unknown[]) dropEmpty(item, schema.items);
  if (schema.type !== 'object') return;
  const fields = value as Record<string, unknown>;
  for (const [key, field] of Object.entries(fields)) {
    const child = schema.properties?.[key] ?? schema.additional;
    if (!child) continue;
    dropEmpty(field, child);
    // Without omitempty in Go, as the endpoints of an EndpointSlice.
    if (schema.required?.includes(key)) continue;
    const emptyList = child.type === 'array' && Array.isArray(field) && field.length === 0;
    const emptyMap =
      child.type === 'object' &&
      child.additional !== undefined &&
      Object.keys((field ?? {}) as object).length === 0;
    if (emptyList || emptyMap) delete fields[key];
  }
}
