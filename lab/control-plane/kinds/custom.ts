import type { FieldError, Kind, KubeObject, Schema } from '../registry/kind.ts';
import { schemaOf } from '../schema/index.ts';
import { notSupported, required } from './fields/index.ts';
import { isDNS1123Subdomain, validateObjectMeta, validateObjectMetaUpdate } from './meta/index.ts';
import { nextGeneration, startGeneration } from './status.ts';
import { age, ageColumn, nameColumn } from './tables/index.ts';

type Given = Pick<Kind, 'group' | 'version' | 'kind' | 'plural' | 'singular' | 'namespaced'> &
  Partial<Kind> & { readonly definition: string };

/**
 * A kind as a CustomResourceDefinition makes it: checked against its schema, NAME and AGE unless it has columns of its own.
 * @param given `validate` is what is checked besides the schema
 */
export function customKind({ definition, validate, ...given }: Given): Kind {
  const schema = schemaOf(definition);
  const all: NonNullable<Kind['validate']> = (object, context) => [
    ...validateSchema(object, schema, ''),
    ...(validate?.(object, context) ?? []),
  ];
  return {
    subresources: [],
    conditionalUpdate: true,
    columns: [nameColumn, ageColumn],
    row: (object, now) => [object.metadata.name, age(object.metadata.creationTimestamp, now)],
    prepareForCreate: (object) => startGeneration(object, undefined),
    prepareForUpdate: (object, old) => nextGeneration(object, old),
    ...given,
    schema,
    validate: (object, context) => [
      ...validateObjectMeta(object, given.namespaced, isDNS1123Subdomain),
      ...all(object, context),
    ],
    validateUpdate: (object, old, context) => [
      ...validateObjectMetaUpdate(object, old),
      ...all(object, context),
    ],
  };
}

/** Required fields and enumerations, as the schema validation of custom resources words them. */
function validateSchema(value: unknown, schema: Schema, path: string): FieldError[] {
  if (value === undefined || value === null) return [];
  if (schema.type === 'array') {
    return (Array.isArray(value) ? value : []).flatMap((item, index) =>
      validateSchema(item, schema.items, `${path}[${index}]`),
    );
  }
  if (schema.type === 'object') {
    // The metadata is checked by its own rules.
    if (path === 'metadata') return [];
    const fields = value as Record<string, unknown>;
    const missing = (schema.required ?? []).filter((field) => fields[field] === undefined);
    return [
      ...missing.map((field) => required(joined(path, field))),
      ...Object.entries(schema.properties ?? {}).flatMap(([field, each]) =>
        validateSchema(fields[field], each, joined(path, field)),
      ),
    ];
  }
  if (schema.enum && typeof value === 'string' && !schema.enum.includes(value)) {
    return [notSupported(path, value, schema.enum)];
  }
  return [];
}

function joined(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

/** The spec of a custom resource. */
export function customSpec<T>(object: KubeObject): Partial<T> {
  return (object.spec ?? {}) as Partial<T>;
}
