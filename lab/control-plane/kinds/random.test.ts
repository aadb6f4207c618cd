import { describe, expect, it } from 'vitest';
import { rounds, seeded, seeds } from '../../testing/index.ts';
import type { KindContext, KubeObject, Schema } from '../registry/index.ts';
import { apiVersionOf, StatusError } from '../registry/index.ts';
import { dropEmpty, KINDS } from './index.ts';

// Whatever a client sends that fits the schema, a kind accepts it or refuses it in words: it never fails.
const ROUNDS = rounds(30, 150);

describe.each(seeds(1, 8))('random objects, seed %i', (seed) => {
  for (const kind of KINDS) {
    it(kind.kind, () => {
      const random = seeded(kind.kind.length * 7919 + seed);
      const context = emptyContext(random);
      let refused = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const [object, other] = [make(random), make(random)];
        kind.defaults?.(object);
        kind.defaults?.(other);
        try {
          kind.prepareForCreate?.(object, context);
        } catch (error) {
          // An allocation that cannot be had.
          expect(error).toBeInstanceOf(StatusError);
        }
        for (const { field, message } of kind.validate?.(object, context) ?? []) {
          expect(`${field}: ${message}`).not.toMatch(/undefined|\[object/);
          refused += 1;
        }
        dropEmpty(object, kind.schema);
        kind.row(object, new Date(0));
        kind.fieldSelectors?.(object);
        kind.warnings?.(object);
        kind.gracePeriodSeconds?.(object);
        kind.view?.derive(object);
        for (const old of kind.alsoServed ?? []) old.toStorage(old.fromStorage(object));
        try {
          kind.prepareForUpdate?.(other, object, context);
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
        kind.validateUpdate?.(other, object, context);
        kind.prepareForStatusUpdate?.(other, object, context);
        kind.validateStatusUpdate?.(other, object, context);
      }
      expect(refused).toBeGreaterThan(0);

      function make(from: () => number): KubeObject {
        const object = value(kind.schema, from, 0) as KubeObject;
        object.apiVersion = apiVersionOf(kind.group, kind.version);
        object.kind = kind.kind;
        const metadata = (object.metadata ?? {}) as KubeObject['metadata'];
        object.metadata = { ...metadata, name: metadata.name ?? '' };
        return object;
      }
    });
  }
});

const texts = [
  '',
  'a',
  'Bad Value',
  '10.0.0.1',
  '10.0.0.0/8',
  'Exists',
  'In',
  '50%',
  'TCP',
  'None',
  'ClusterIP',
  'NodePort',
];
const numbers = [0, 1, -1, 80, 70000, 31000];

/** A value that fits a schema, sparse and with nulls in lists. */
function value(schema: Schema, random: () => number, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  switch (schema.type) {
    case 'object': {
      const density = depth < 2 ? 0.85 : 0.3;
      const entries = Object.entries(schema.properties ?? {}).filter(() => random() < density);
      const fields = entries.map(([name, child]) => [name, value(child, random, depth + 1)] as const);
      const more =
        schema.additional && random() < 0.5
          ? [[pick(texts), value(schema.additional, random, depth + 1)]]
          : [];
      return depth > 9 ? {} : Object.fromEntries([...fields, ...more]);
    }
    case 'array':
      return Array.from({ length: Math.floor(random() * 3) }, () =>
        random() < 0.1 ? null : value(schema.items, random, depth + 1),
      );
    case 'boolean':
      return random() < 0.5;
    case 'integer':
    case 'number':
      return pick(numbers);
    case 'int-or-string':
      return random() < 0.5 ? pick(numbers) : pick(texts);
    case 'quantity':
      return pick(['1', '500m', '1Gi', '-1', '0.5', 'x']);
    case 'any':
      return pick([undefined, 'x', { a: 1 }]);
    default:
      return schema.enum && random() < 0.7 ? pick(schema.enum) : pick(texts);
  }
}

function emptyContext(random: () => number): KindContext {
  return {
    now: '2026-11-20T10:51:38Z',
    serviceCIDR: '10.96.0.0/16',
    podCIDR: '10.244.0.0/16',
    nodePortRange: [30000, 32767],
    get: () => undefined,
    list: () => [],
    random,
  };
}
