import { createHash } from 'node:crypto';
import { apiVersionOf, type Registry, type Schema, type ServedKind } from '../../registry/index.ts';
import { schemaNames, schemaOf } from '../../schema/index.ts';
import { verbsOf } from './resources.ts';

type Json = Record<string, unknown>;
type Dialect = 'v2' | 'v3';

const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';

/** Definitions gathered while schemas are converted. */
class Definitions {
  readonly all: Json = {};
  readonly #dialect: Dialect;
  readonly #kinds: ReadonlyMap<string, readonly ServedKind[]>;

  constructor(dialect: Dialect, kinds: readonly ServedKind[]) {
    this.#dialect = dialect;
    const byRef = new Map<string, ServedKind[]>();
    for (const served of kinds) {
      const ref = refOf(served);
      byRef.set(ref, [...(byRef.get(ref) ?? []), served]);
    }
    this.#kinds = byRef;
  }

  reference(name: string): Json {
    return { $ref: `#/${this.#dialect === 'v2' ? 'definitions' : 'components/schemas'}/${name}` };
  }

  /** Adds a kind with all it refers to. */
  add(served: ServedKind): void {
    const ref = refOf(served);
    if (served.schema.type === 'object') this.#define(ref, served.schema);
  }

  #define(name: string, schema: Extract<Schema, { type: 'object' }>): void {
    if (this.all[name]) return;
    const definition: Json = {};
    this.all[name] = definition;
    const { properties, required } = schema;
    const description = ownDescription(name) ?? schema.description;
    Object.assign(definition, {
      ...(description === undefined ? {} : { description }),
      type: 'object',
      ...(required && required.length > 0 ? { required } : {}),
      ...(properties ? { properties: this.#properties(properties) } : {}),
    });
    const kinds = this.#kinds.get(name);
    if (kinds)
      definition['x-kubernetes-group-version-kind'] = kinds.map(({ group, version, kind }) => ({
        group,
        kind: kind.kind,
        version,
      }));
  }

  #properties(properties: Readonly<Record<string, Schema>>): Json {
    return Object.fromEntries(
      Object.entries(properties).map(([key, schema]) => [key, this.#convert(schema)]),
    );
  }

  /** A reference to a definition, with the description of the field beside it (which needs `allOf` in v3). */
  #refer(name: string, description: string | undefined): Json {
    const reference = this.reference(name);
    const text = description === undefined ? {} : { description };
    if (this.#dialect === 'v2') return { ...text, ...reference };
    return description === undefined ? reference : { ...text, allOf: [reference] };
  }

  #convert(schema: Schema): Json {
    const text = schema.description === undefined ? {} : { description: schema.description };
    switch (schema.type) {
      case 'object':
        if (schema.ref !== undefined) {
          this.#define(schema.ref, schema);
          const own = ownDescription(schema.ref);
          return this.#refer(schema.ref, schema.description === own ? undefined : schema.description);
        }
        return {
          ...text,
          type: 'object',
          ...(schema.properties ? { properties: this.#properties(schema.properties) } : {}),
          ...(schema.additional ? { additionalProperties: this.#convert(schema.additional) } : {}),
        };
      case 'array':
        return {
          ...text,
          type: 'array',
          items: this.#convert(schema.items),
          ...(schema.listType && { 'x-kubernetes-list-type': schema.listType }),
          ...(schema.listMapKeys && { 'x-kubernetes-list-map-keys': schema.listMapKeys }),
          ...(schema.patchMergeKey && { 'x-kubernetes-patch-merge-key': schema.patchMergeKey }),
          ...(schema.patchStrategy && { 'x-kubernetes-patch-strategy': schema.patchStrategy }),
        };
      case 'int-or-string':
        this.all[INT_OR_STRING] ??= {
          description: 'IntOrString is a type that can hold an int32 or a string.',
          format: 'int-or-string',
          ...(this.#dialect === 'v2'
            ? { type: 'string' }
            : { oneOf: [{ type: 'integer' }, { type: 'string' }] }),
        };
        return this.#refer(INT_OR_STRING, schema.description);
      case 'quantity':
        this.all[QUANTITY] ??= {
          description: 'Quantity is a fixed-point representation of a number, e.g. 100m or 128Mi.',
          ...(this.#dialect === 'v2'
            ? { type: 'string' }
            : { oneOf: [{ type: 'string' }, { type: 'number' }] }),
        };
        return this.#refer(QUANTITY, schema.description);
      case 'any':
        return { ...text, 'x-kubernetes-preserve-unknown-fields': true };
      default:
        if (schema.format === 'date-time') {
          this.all[TIME] ??= {
            description:
              'Time is a wrapper around time.Time which supports correct marshaling to YAML and JSON.',
            format: 'date-time',
            type: 'string',
          };
          return this.#refer(TIME, schema.description);
        }
        return {
          ...text,
          type: schema.type,
          ...(schema.format === undefined ? {} : { format: schema.format }),
          ...(schema.enum === undefined ? {} : { enum: schema.enum }),
        };
    }
  }
}

const published = new Set(schemaNames());

/** What a type says of itself; a field of that type has its own description. */
function ownDescription(ref: string): string | undefined {
  return published.has(ref) ? schemaOf(ref).description : undefined;
}

function refOf({ schema, group, version, kind }: ServedKind): string {
  if (schema.type === 'object' && schema.ref !== undefined) return schema.ref;
  return `${group === '' ? 'core' : group}.${version}.${kind.kind}`;
}

/** `/openapi/v3`: one document per group and version. */
export function openApiV3Index(registry: Registry): unknown {
  const paths: Json = {};
  for (const [group, versions] of registry.groups())
    for (const version of versions) {
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      const names = registry.inVersion(group, version).map(({ kind }) => kind.kind);
      const hash = createHash('sha512').update(names.join()).digest('hex').toUpperCase();
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
  return { paths };
}

/** `/openapi/v3/apis/GROUP/VERSION`; undefined when it is not served. */
export function openApiV3(registry: Registry, group: string, version: string, gitVersion: string): unknown {
  const kinds = registry.inVersion(group, version);
  if (kinds.length === 0) return undefined;
  const definitions = new Definitions('v3', kinds);
  for (const served of kinds) definitions.add(served);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: gitVersion },
    paths: Object.assign({}, ...kinds.map((served) => pathsOf(served, definitions, 'v3'))),
    components: { schemas: definitions.all },
  };
}

/** `/openapi/v2`: all in one document. */
export function openApiV2(registry: Registry, gitVersion: string): Json {
  const definitions = new Definitions('v2', registry.served);
  for (const served of registry.served) definitions.add(served);
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: gitVersion },
    paths: Object.assign({}, ...registry.served.map((served) => pathsOf(served, definitions, 'v2'))),
    definitions: definitions.all,
  };
}

/** What clients read of an operation: its verb, its kind, and that it knows `fieldValidation` and `dryRun`. */
function pathsOf(served: ServedKind, definitions: Definitions, dialect: Dialect): Json {
  const { group, version, kind } = served;
  const base = group === '' ? `/api/${version}` : `/apis/${apiVersionOf(group, version)}`;
  const collection = `${base}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}`;
  const verbs = verbsOf(served);
  const operation = (action: string, method: string): Json => ({
    [method]: {
      operationId: `${action}${kind.kind}`,
      parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
        name,
        in: 'query',
        ...(dialect === 'v2' ? { type: 'string' } : { schema: { type: 'string', uniqueItems: true } }),
      })),
      responses: {
        '200': {
          description: 'OK',
          ...(dialect === 'v2'
            ? { schema: definitions.reference(refOf(served)) }
            : { content: { 'application/json': { schema: definitions.reference(refOf(served)) } } }),
        },
      },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group, version, kind: kind.kind },
    },
  });
  const pick = (entries: readonly (readonly [string, string])[]): Json =>
    Object.assign(
      {},
      ...entries.filter(([verb]) => verbs.includes(verb)).map(([verb, method]) => operation(verb, method)),
    );
  return {
    [collection]: pick([
      ['list', 'get'],
      ['create', 'post'],
    ]),
    [`${collection}/{name}`]: pick([
      ['get', 'get'],
      ['update', 'put'],
      ['patch', 'patch'],
      ['delete', 'delete'],
    ]),
  };
}
