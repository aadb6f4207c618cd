import type { Schema } from '../registry/kind.ts';
import { calicoDefinitions } from './calico.ts';
import type { Definition, DefinitionField } from './definition.ts';
import generated from './definitions.json' with { type: 'json' };
import { metallbDefinitions } from './metallb.ts';
import { oldIngressDefinitions } from './old-ingress.ts';

export type ObjectSchema = Extract<Schema, { type: 'object' }>;

const definitions: Readonly<Record<string, Definition>> = {
  ...(generated as unknown as Record<string, Definition>),
  ...oldIngressDefinitions,
  ...calicoDefinitions,
  ...metallbDefinitions,
};
const built = new Map<string, ObjectSchema>();

/** Names of all definitions, e.g. `io.k8s.api.core.v1.ServicePort`, sorted: the keys of `definitions` in /openapi/v2. */
export function schemaNames(): readonly string[] {
  return Object.keys(definitions).sort();
}

/**
 * The tree of a type. Trees share their parts, so it costs little; an object that is a definition of its own says so in `ref`,
 * and its description in a property is the property's, in the definition the type's.
 * @throws Error when there is no such definition
 */
export function schemaOf(name: string): ObjectSchema {
  const known = built.get(name);
  if (known) return known;
  const definition = definitions[name];
  if (!definition) throw new Error(`no schema ${name}: is it a root in schema/generate.ts?`);
  // Fields are filled in afterwards, so that a type may contain itself.
  const properties: Record<string, Schema> = {};
  const schema: ObjectSchema = {
    type: 'object',
    ref: name,
    properties,
    ...(definition.description !== undefined && { description: definition.description }),
    ...(definition.required && { required: definition.required }),
  };
  built.set(name, schema);
  for (const [field, value] of Object.entries(definition.properties)) properties[field] = build(value);
  return schema;
}

/**
 * Description of a field, for the columns of tables.
 * @param type short name of a core type, e.g. `core.v1.ServiceSpec`, or a full one
 */
export function fieldDescription(type: string, field: string): string {
  const definition = definitions[type] ?? definitions[`io.k8s.api.${type}`];
  const property = definition?.properties[field];
  if (!property) throw new Error(`no field ${field} in schema ${type}`);
  return property.description ?? '';
}

function build(field: DefinitionField): Schema {
  const { ref, items, additional, type, ...rest } = field;
  if (ref !== undefined) return { ...schemaOf(ref), ...rest };
  if (type === 'array') return { ...rest, type, items: build(items ?? { type: 'any' }) };
  if (type === 'object') return { ...rest, type, ...(additional && { additional: build(additional) }) };
  return { ...rest, type: type as 'string' };
}
