import { describe, expect, it } from 'vitest';
import { loadVectors } from '../../../test/vectors/load.ts';
import type { Schema } from '../registry/kind.ts';
import definitions from './definitions.json' with { type: 'json' };
import { enums } from './enums.ts';
import { fieldDescription, schemaNames, schemaOf } from './index.ts';
import { laterThan131 } from './later-fields.ts';
import { listRules } from './list-rules.ts';
import { quantities } from './quantities.ts';

/** Follows properties and list items: `spec.containers.ports`. */
function at(root: string, path: string): Schema {
  let schema: Schema = schemaOf(root);
  for (const field of path.split('.')) {
    if (schema.type === 'array') schema = schema.items;
    const next: Schema | undefined = schema.type === 'object' ? schema.properties?.[field] : undefined;
    if (!next) throw new Error(`no ${field} in ${path}`);
    schema = next;
  }
  return schema;
}

const pod = 'io.k8s.api.core.v1.Pod';
const service = 'io.k8s.api.core.v1.Service';

describe('schemas', () => {
  it('say how lists are merged', () => {
    expect(at(pod, 'spec.containers')).toMatchObject({
      patchMergeKey: 'name',
      patchStrategy: 'merge',
      listType: 'map',
    });
    expect(at(pod, 'spec.containers.ports')).toMatchObject({
      patchMergeKey: 'containerPort',
      listMapKeys: ['containerPort', 'protocol'],
    });
    expect(at(pod, 'spec.volumes')).toMatchObject({
      patchMergeKey: 'name',
      patchStrategy: 'merge,retainKeys',
    });
    expect(at(pod, 'spec.tolerations')).toMatchObject({ listType: 'atomic' });
    expect(at(pod, 'metadata.finalizers')).toMatchObject({ patchStrategy: 'merge', listType: 'set' });
    expect(at(pod, 'metadata.ownerReferences')).toMatchObject({ patchMergeKey: 'uid' });
    expect(at(service, 'spec.ports')).toMatchObject({
      patchMergeKey: 'port',
      listMapKeys: ['port', 'protocol'],
    });
    expect(at('io.k8s.api.apps.v1.Deployment', 'spec.template.spec.containers.env')).toMatchObject({
      patchMergeKey: 'name',
    });
  });

  it('know the types that the models have lost', () => {
    expect(at(pod, 'spec.containers.resources.limits')).toMatchObject({ additional: { type: 'quantity' } });
    expect(at(service, 'spec.ports.targetPort')).toMatchObject({ type: 'int-or-string' });
    expect(at(service, 'spec.ports.port')).toMatchObject({ type: 'integer', format: 'int32' });
    expect(at('io.k8s.api.core.v1.Secret', 'data')).toMatchObject({
      additional: { type: 'string', format: 'byte' },
    });
  });

  it('are those of 1.31', () => {
    for (const field of laterThan131) {
      const [type, name] = field.split('.') as [string, string];
      for (const known of schemaNames().filter((each) => each.endsWith(`.${type}`))) {
        expect(Object.keys(schemaOf(known).properties ?? {})).not.toContain(name);
      }
    }
  });

  it('have every field that the tables name', () => {
    const fields = new Set(
      Object.entries(definitions).flatMap(([name, { properties }]) =>
        Object.keys(properties).map((field) => `${name.split('.').at(-1)}.${field}`),
      ),
    );
    const named = [...Object.keys(listRules), ...Object.keys(enums), ...quantities];
    expect(named.filter((field) => !fields.has(field))).toEqual([]);
  });

  it('can all be built', () => {
    for (const name of schemaNames()) expect(schemaOf(name).ref).toBe(name);
  });

  it('refuse what there is not', () => {
    expect(() => schemaOf('io.k8s.api.core.v1.Nope')).toThrow('no schema io.k8s.api.core.v1.Nope');
    expect(() => fieldDescription('core.v1.PodSpec', 'nope')).toThrow('no field nope');
  });
});

describe('kubectl explain', () => {
  it('--recursive of a NetworkPolicy', () => {
    const { out } = vector('info-explain-recursive-netpol');
    const spec = at('io.k8s.api.networking.v1.NetworkPolicy', 'spec');
    expect(explain(spec, '  ')).toEqual(
      out
        .slice(out.indexOf('FIELDS:\n') + 'FIELDS:\n'.length)
        .split('\n')
        .filter((line) => line !== ''),
    );
  });

  it('of the fields of a Service', () => {
    const { out } = vector('info-explain-svc');
    const text = collapsed(out);
    const { properties, description } = schemaOf(service);
    expect(text).toContain(collapsed(`DESCRIPTION: ${description}`));
    for (const [name, field] of Object.entries(properties ?? {})) {
      expect(text).toContain(`${name} <${typeName(field)}> ${collapsed(field.description ?? '')}`);
    }
  });

  it('of a node port', () => {
    expect(collapsed(vector('info-explain-nodeport').out)).toContain(
      collapsed(at(service, 'spec.ports.nodePort').description ?? ''),
    );
  });
});

function vector(name: string): { out: string } {
  const found = loadVectors().get(name);
  if (!found) throw new Error(`no vector ${name}`);
  return found;
}

const collapsed = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** The lines of FIELDS, as kubectl's plaintext template prints them. */
function explain(schema: Schema, indent: string): string[] {
  if (schema.type === 'array') return explain(schema.items, indent);
  if (schema.type !== 'object') return [];
  return Object.entries(schema.properties ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, field]) => {
      const required = schema.required?.includes(name) ? ' -required-' : '';
      const values = field.type === 'string' && field.enum ? [`${indent}enum: ${field.enum.join(', ')}`] : [];
      return [
        `${indent}${name}\t<${typeName(field)}>${required}`,
        ...values,
        ...explain(field, `${indent}  `),
      ];
    });
}

function typeName(schema: Schema): string {
  if (schema.type === 'array') return `[]${typeName(schema.items)}`;
  if (schema.type === 'int-or-string') return 'IntOrString';
  if (schema.type !== 'object') return schema.type;
  if (schema.ref !== undefined) return schema.ref.split('.').at(-1) ?? '';
  return `map[string]${schema.additional ? typeName(schema.additional) : 'any'}`;
}
