import { isDeepStrictEqual } from 'node:util';
import { badRequest, type Schema, unclassified } from '../../registry/index.ts';
import { define, isObject } from './merge.ts';

type Json = Record<string, unknown>;
type ObjectSchema = Extract<Schema, { type: 'object' }>;
type ArraySchema = Extract<Schema, { type: 'array' }>;

const DELETE_FROM = '$deleteFromPrimitiveList/';
const SET_ORDER = '$setElementOrder/';

/**
 * Strategic merge patch: a merge patch in which lists with a merge key are merged item by item, as apimachinery's
 * strategicpatch does with the patchStrategy and patchMergeKey tags of the Go types.
 * @throws StatusError as the real server for unknown directives and items without their merge key
 */
export function strategicMergePatch(target: Json, patch: unknown, schema: Schema | undefined): Json {
  if (!isObject(patch))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal patch into Go value of type map[string]interface {}',
    );
  return mergeObject(target, patch, schema) ?? {};
}

/** @returns undefined when the patch says `$patch: delete` */
function mergeObject(target: Json, patch: Json, schema: Schema | undefined): Json | undefined {
  const directive = patch.$patch;
  if (directive !== undefined) {
    const { $patch: _directive, ...rest } = patch;
    if (directive === 'replace') return clean(rest) as Json;
    if (directive === 'delete') return undefined;
    if (directive !== 'merge') throw unknownDirective(patch);
    return mergeObject(target, rest, schema);
  }
  let result: Json = { ...target };
  if (Object.hasOwn(patch, '$retainKeys')) result = retainKeys(result, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$retainKeys' || key.startsWith(SET_ORDER)) continue;
    if (key.startsWith(DELETE_FROM)) {
      const list = key.slice(DELETE_FROM.length);
      const gone = Array.isArray(value) ? value : [];
      const before = result[list];
      if (Array.isArray(before))
        result[list] = before.filter((item) => !gone.some((other) => isDeepStrictEqual(item, other)));
      continue;
    }
    if (value === null) {
      delete result[key];
      continue;
    }
    const child = childSchema(schema, key);
    const merged = mergeValue(result[key], value, child);
    if (merged === undefined) delete result[key];
    else define(result, key, merged);
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(SET_ORDER) || !Array.isArray(order)) continue;
    const list = key.slice(SET_ORDER.length);
    const items = result[list];
    const before = target[list];
    if (Array.isArray(items))
      result[list] = ordered(items, order, Array.isArray(before) ? before : [], childSchema(schema, list));
  }
  return result;
}

function mergeValue(current: unknown, value: unknown, schema: Schema | undefined): unknown {
  if (isObject(value)) {
    if (isObject(current)) return mergeObject(current, value, schema);
    return mergeObject({}, value, schema);
  }
  if (!Array.isArray(value)) return value;
  if (schema?.type !== 'array' || !strategies(schema).includes('merge')) return clean(value);
  return mergeList(Array.isArray(current) ? current : [], value, schema);
}

function mergeList(current: readonly unknown[], patch: readonly unknown[], schema: ArraySchema): unknown[] {
  const key = schema.patchMergeKey;
  if (key === undefined) {
    const fresh = patch.filter((item) => !current.some((other) => isDeepStrictEqual(item, other)));
    return ordered([...current, ...fresh], patch, current, schema);
  }
  if (patch.some((item) => isObject(item) && item.$patch === 'replace'))
    return patch.filter((item) => !(isObject(item) && item.$patch === 'replace')).map(clean);
  const result = [...current];
  for (const item of patch) {
    if (!isObject(item)) throw unclassified(`expected a map in a list of maps, got ${JSON.stringify(item)}`);
    if (item.$patch !== undefined && item.$patch !== 'delete' && item.$patch !== 'merge')
      throw unknownDirective(item);
    if (!Object.hasOwn(item, key))
      throw unclassified(`map: ${goMap(item)} does not contain declared merge key: ${key}`);
    const at = result.findIndex((other) => isObject(other) && isDeepStrictEqual(other[key], item[key]));
    if (item.$patch === 'delete') {
      for (let index = result.length - 1; index >= 0; index--) {
        const other = result[index];
        if (isObject(other) && isDeepStrictEqual(other[key], item[key])) result.splice(index, 1);
      }
    } else if (at >= 0) result[at] = mergeObject(result[at] as Json, item, schema.items);
    else result.push(mergeObject({}, item, schema.items));
  }
  return ordered(result, patch, current, schema);
}

/**
 * Order of a merged list, as strategicpatch's normalizeElementOrder: items of the patch in the patch's order, items
 * only the server has in the server's; between the two, the server's order where it knows both, else the patch's first.
 */
function ordered(
  items: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  schema: Schema | undefined,
): unknown[] {
  const key = schema?.type === 'array' ? schema.patchMergeKey : undefined;
  const idOf = (item: unknown): unknown => (key !== undefined && isObject(item) ? item[key] : item);
  const rankIn = (list: readonly unknown[], item: unknown): number =>
    list.findIndex((other) => isDeepStrictEqual(idOf(other), idOf(item)));
  const fromPatch = items.filter((item) => rankIn(order, item) >= 0);
  fromPatch.sort((a, b) => rankIn(order, a) - rankIn(order, b));
  const fromServer = items.filter((item) => rankIn(order, item) < 0);
  fromServer.sort((a, b) => rankIn(before, a) - rankIn(before, b));
  const result: unknown[] = [];
  while (fromPatch.length > 0 && fromServer.length > 0) {
    const [left, right] = [rankIn(before, fromServer[0]), rankIn(before, fromPatch[0])];
    const serverFirst = left >= 0 && right >= 0 && left < right;
    result.push(serverFirst ? fromServer.shift() : fromPatch.shift());
  }
  return [...result, ...fromPatch, ...fromServer];
}

function retainKeys(target: Json, patch: Json): Json {
  const keys = patch.$retainKeys;
  if (!Array.isArray(keys)) throw unclassified('invalid patch format of retainKeys');
  for (const key of Object.keys(patch))
    if (!key.startsWith('$') && !keys.includes(key))
      throw unclassified(`the keys in the patch must be in the $retainKeys list: ${key}`);
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

function childSchema(schema: Schema | undefined, key: string): Schema | undefined {
  if (schema?.type !== 'object') return undefined;
  return ownProperty(schema, key) ?? schema.additional;
}

function ownProperty(schema: ObjectSchema, key: string): Schema | undefined {
  return schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
}

function strategies(schema: ArraySchema): readonly string[] {
  return (schema.patchStrategy ?? '').split(',');
}

/** What is new is taken without directives and nulls. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (!isObject(value)) return value;
  const result: Json = {};
  for (const [key, item] of Object.entries(value))
    if (!key.startsWith('$') && item !== null) define(result, key, clean(item));
  return result;
}

function unknownDirective(patch: Json): Error {
  return unclassified(`unknown patch type: ${String(patch.$patch)} in map: ${goMap(patch)}`);
}

/** `map[$patch:bogus name:c]`: how Go prints a map. */
function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (!isObject(value)) return value === null ? '<nil>' : String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${goMap(item)}`).join(' ')}]`;
}
