import type { Schema } from '../../../lab/control-plane/registry/index.ts';
import { pick } from '../../../lab/testing/index.ts';
import { anyValue } from './random.ts';

/** Names of all fields of a schema. */
export function fieldNames(schema: Schema, depth = 6): string[] {
  if (depth === 0) return [];
  if (schema.type === 'array') return fieldNames(schema.items, depth - 1);
  if (schema.type !== 'object') return [];
  const own = Object.entries(schema.properties ?? {});
  return [...own.map(([key]) => key), ...own.flatMap(([, child]) => fieldNames(child, depth - 1))];
}

/** A value as a schema wants it, now and then something else. @param keys names that anything may have */
export function fromSchema(
  random: () => number,
  schema: Schema,
  keys: readonly string[],
  depth = 7,
): unknown {
  if (random() < 0.03 || depth === 0) return anyValue(random, keys, 1);
  switch (schema.type) {
    case 'object': {
      if (schema.properties) {
        const chosen = Object.entries(schema.properties).filter(() => random() < 0.4);
        return Object.fromEntries(
          chosen.map(([key, child]) => [key, fromSchema(random, child, keys, depth - 1)]),
        );
      }
      return {
        [pick(random, ['a', 'B/c', ''])]: fromSchema(
          random,
          schema.additional ?? { type: 'any' },
          keys,
          depth - 1,
        ),
      };
    }
    case 'array':
      return Array.from({ length: Math.floor(random() * 3) }, () =>
        fromSchema(random, schema.items, keys, depth - 1),
      );
    case 'string':
      return pick(random, [
        ...(schema.enum ?? []),
        'a',
        'web',
        '',
        '10.96.0.9',
        'None',
        'TCP',
        '10.0.0.0/33',
        'É',
      ]);
    case 'integer':
    case 'number':
      return pick(random, [0, 1, -1, 80, 30000, 70000, 2 ** 31]);
    case 'boolean':
      return random() < 0.5;
    case 'int-or-string':
      return pick(random, [80, 'http', '25%', -1, '']);
    case 'quantity':
      return pick(random, ['100m', '1Gi', 1, '-1', 'x']);
    default:
      return anyValue(random, keys, 2);
  }
}
