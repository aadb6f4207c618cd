import { isDeepStrictEqual } from 'node:util';
import { badRequest, StatusError } from '../../registry/index.ts';
import { define, isObject } from './merge.ts';

/** Operations in one patch and the size of a copied result are limited as in the real server. */
const MAX_OPERATIONS = 10_000;

/**
 * RFC 6902 JSON patch.
 * @throws StatusError 400 when the patch is not a list of operations, 422 when one of them cannot be carried out
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goType(patch)} into Go value of type []handlers.jsonPatchOp`,
    );
  if (patch.length > MAX_OPERATIONS)
    throw new StatusError({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
      details: {},
    });
  const holder: Record<string, unknown> = { root: structuredClone(target) };
  for (const operation of patch) {
    if (!isObject(operation))
      throw badRequest('error decoding patch: json: cannot unmarshal patch operation');
    apply(holder, operation);
  }
  return holder.root;
}

function apply(holder: Record<string, unknown>, operation: Record<string, unknown>): void {
  const path = pointer(operation.path);
  const from = (): readonly string[] => pointer(operation.from);
  switch (operation.op) {
    case 'add':
      add(holder, path, required(operation));
      break;
    case 'remove':
      remove(holder, path);
      break;
    case 'replace':
      replace(holder, path, required(operation));
      break;
    case 'move': {
      const value = read(holder, from());
      remove(holder, from());
      add(holder, path, value);
      break;
    }
    case 'copy':
      add(holder, path, structuredClone(read(holder, from())));
      break;
    case 'test':
      if (!isDeepStrictEqual(read(holder, path, true), operation.value ?? null)) throw rejected();
      break;
    default:
      throw rejected();
  }
}

function required(operation: Record<string, unknown>): unknown {
  if (!Object.hasOwn(operation, 'value')) throw rejected();
  return structuredClone(operation.value);
}

function pointer(path: unknown): readonly string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) throw rejected();
  const steps = path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return ['root', ...steps];
}

function read(holder: Record<string, unknown>, path: readonly string[], missingIsNull = false): unknown {
  let value: unknown = holder;
  for (const step of path) {
    if (Array.isArray(value)) value = value[index(value, step)];
    else if (isObject(value) && Object.hasOwn(value, step)) value = value[step];
    else if (missingIsNull) return null;
    else throw rejected();
  }
  return value;
}

function parent(holder: Record<string, unknown>, path: readonly string[]): [unknown, string] {
  return [read(holder, path.slice(0, -1)), path.at(-1) ?? ''];
}

function add(holder: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [container, step] = parent(holder, path);
  if (Array.isArray(container)) {
    const at = step === '-' ? container.length : index(container, step, 1);
    container.splice(at, 0, value);
  } else if (isObject(container)) define(container, step, value);
  else throw rejected();
}

function replace(holder: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [container, step] = parent(holder, path);
  if (Array.isArray(container)) container[index(container, step)] = value;
  else if (isObject(container) && Object.hasOwn(container, step)) define(container, step, value);
  else throw rejected();
}

function remove(holder: Record<string, unknown>, path: readonly string[]): void {
  const [container, step] = parent(holder, path);
  if (Array.isArray(container)) container.splice(index(container, step), 1);
  else if (isObject(container) && Object.hasOwn(container, step)) delete container[step];
  else throw rejected();
}

function index(array: readonly unknown[], step: string, extra = 0): number {
  if (!/^(0|[1-9][0-9]{0,8})$/.test(step)) throw rejected();
  const at = Number(step);
  if (at >= array.length + extra) throw rejected();
  return at;
}

function rejected(): StatusError {
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: {},
  });
}

/** A JSON value's type in the words of Go's encoding/json. */
export function goType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}
