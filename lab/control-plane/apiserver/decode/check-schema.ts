import type { Schema } from '../../registry/index.ts';
import { goType } from '../patch/json-patch.ts';
import { isObject } from '../patch/merge.ts';

/** A value of the wrong JSON type, in the words of Go's encoding/json. */
export class TypeMismatch extends Error {}

/**
 * Walks an object along its schema: removes fields the schema does not know (a typed decoder drops them) and nulls
 * (a typed decoder leaves the field unset).
 * @returns paths of the unknown fields, e.g. `spec.ports[0].foo`
 * @throws TypeMismatch for a value that the Go type cannot hold
 */
export function checkSchema(object: Record<string, unknown>, schema: Schema): readonly string[] {
  const unknown: string[] = [];
  walk(object, schema, { path: '', goPath: '', owner: typeName(schema) }, unknown);
  return unknown;
}

interface Place {
  /** With indexes, for unknown fields. */
  readonly path: string;
  /** Without, for type mismatches. */
  readonly goPath: string;
  /** The Go struct that has the field. */
  readonly owner: string;
}

function walk(value: unknown, schema: Schema, place: Place, unknown: string[]): void {
  switch (schema.type) {
    case 'object':
      if (!isObject(value)) throw mismatch(value, goTypeOf(schema), place);
      if (schema.properties) walkStruct(value, schema.properties, schema, place, unknown);
      else if (schema.additional) walkMap(value, schema.additional, place, unknown);
      return;
    case 'array':
      if (!Array.isArray(value)) {
        throw mismatch(value, goTypeOf(schema), place);
      }
      for (const [index, item] of value.entries())
        if (item !== null) walk(item, schema.items, { ...place, path: `${place.path}[${index}]` }, unknown);
      return;
    case 'string':
      if (typeof value !== 'string') throw mismatch(value, goTypeOf(schema), place);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatch(value, 'bool', place);
      return;
    case 'integer':
      if (typeof value !== 'number' || !fits(value, schema.format))
        throw mismatch(value, goTypeOf(schema), place);
      return;
    case 'number':
      if (typeof value !== 'number') throw mismatch(value, 'float64', place);
      return;
    case 'int-or-string':
      if (typeof value === 'string') return;
      if (typeof value !== 'number' || !fits(value, 'int32')) throw mismatch(value, 'int32', place);
      return;
    case 'quantity':
      if (typeof value !== 'string' && typeof value !== 'number')
        throw mismatch(value, 'resource.Quantity', place);
      return;
    default:
  }
}

function walkStruct(
  value: Record<string, unknown>,
  properties: Readonly<Record<string, Schema>>,
  schema: Schema,
  place: Place,
  unknown: string[],
): void {
  const owner = typeName(schema);
  for (const key of Object.keys(value)) {
    const path = place.path === '' ? key : `${place.path}.${key}`;
    const child = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!child) {
      unknown.push(path);
      delete value[key];
    } else if (value[key] === null) {
      // A time that is not set is written as null.
      if (child.type === 'string' && child.format === 'date-time' && key.startsWith('last')) continue;
      delete value[key];
    } else {
      const goPath = place.goPath === '' ? key : `${place.goPath}.${key}`;
      walk(value[key], child, { path, goPath, owner }, unknown);
      if (isOmitted(value[key], key, child, schema)) delete value[key];
    }
  }
}

/** Optional strings that are pointers in Go, where the empty string is a value of its own. */
const POINTERS = new Set([
  'appProtocol',
  'hostname',
  'loadBalancerClass',
  'nodeName',
  'runtimeClassName',
  'storageClassName',
  'value',
  'volumeAttributesClassName',
]);

/** Whether Go would leave a field out (`omitempty`): empty strings, lists and maps of optional fields. */
function isOmitted(value: unknown, key: string, schema: Schema, parent: Schema): boolean {
  const ref = parent.type === 'object' ? (parent.ref ?? '') : '';
  if (parent.type === 'object' && parent.required?.includes(key)) return false;
  if (ref.endsWith('.LabelSelectorRequirement')) return false;
  if (!/^io\.k8s\.(api\.(core|apps)|apimachinery)\./.test(ref)) return false;
  if (schema.type === 'array') return Array.isArray(value) && value.length === 0;
  if (schema.type === 'string') return value === '' && !POINTERS.has(key);
  const isMap = schema.type === 'object' && schema.ref === undefined && schema.additional !== undefined;
  return isMap && isObject(value) && Object.keys(value).length === 0;
}

function walkMap(value: Record<string, unknown>, items: Schema, place: Place, unknown: string[]): void {
  for (const [key, item] of Object.entries(value)) {
    // A null in a map of strings decodes to the empty string.
    if (item === null) {
      if (items.type === 'string') value[key] = '';
      else delete value[key];
      continue;
    }
    walk(item, items, { ...place, path: `${place.path}.${key}` }, unknown);
  }
}

function fits(value: number, format: string | undefined): boolean {
  if (!Number.isInteger(value)) return false;
  return format !== 'int32' || (value >= -(2 ** 31) && value < 2 ** 31);
}

function mismatch(value: unknown, type: string, place: Place): TypeMismatch {
  const what = typeof value === 'number' ? numberText(value, type) : goType(value);
  const where = place.goPath === '' ? 'Go value' : `Go struct field ${place.owner}.${place.goPath}`;
  return new TypeMismatch(`json: cannot unmarshal ${what} into ${where} of type ${type}`);
}

/** A number that is no integer, or too large, is quoted; a number where something else belongs is just `number`. */
function numberText(value: number, type: string): string {
  return type.startsWith('int') ? `number ${value}` : 'number';
}

/** `ServicePort` of `io.k8s.api.core.v1.ServicePort`. */
function typeName(schema: Schema): string {
  return schema.type === 'object' ? (schema.ref?.split('.').at(-1) ?? '') : '';
}

function goTypeOf(schema: Schema): string {
  switch (schema.type) {
    case 'object':
      if (schema.ref !== undefined) return `v1.${typeName(schema)}`;
      return schema.additional ? `map[string]${goTypeOf(schema.additional)}` : 'map[string]interface {}';
    case 'array':
      return `[]${goTypeOf(schema.items)}`;
    case 'integer':
      return schema.format ?? 'int64';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'quantity':
      return 'resource.Quantity';
    case 'int-or-string':
      return 'intstr.IntOrString';
    case 'string':
      return schema.format === 'byte' ? '[]uint8' : 'string';
    default:
      return 'interface {}';
  }
}
