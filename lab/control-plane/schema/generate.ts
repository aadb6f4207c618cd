/**
 * Writes definitions.json from the generated models of @kubernetes/client-node (Apache-2.0), whose doc comments and type maps are
 * the OpenAPI document of Kubernetes. Run by hand, `npx tsx lab/control-plane/schema/generate.ts`, never at start-up.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Definition, DefinitionField } from './definition.ts';
import { enums } from './enums.ts';
import { laterThan131, stillRequired } from './later-fields.ts';
import { listRules } from './list-rules.ts';
import { quantities } from './quantities.ts';
import { metadataDescription, refDescriptions } from './ref-descriptions.ts';

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

/** Root kinds by package, in this order: a type belongs to the first package that reaches it, as it does in Kubernetes. */
const roots: readonly [string, readonly string[]][] = [
  [
    'io.k8s.api.core.v1',
    [
      'V1Namespace',
      'V1Node',
      'V1Pod',
      'V1Service',
      'V1Endpoints',
      'V1ConfigMap',
      'V1Secret',
      'V1ServiceAccount',
      'CoreV1Event',
      'V1PersistentVolume',
      'V1PersistentVolumeClaim',
      'V1Binding',
    ],
  ],
  ['io.k8s.api.apps.v1', ['V1Deployment', 'V1ReplicaSet', 'V1DaemonSet', 'V1ControllerRevision']],
  ['io.k8s.api.autoscaling.v1', ['V1Scale']],
  ['io.k8s.api.policy.v1', ['V1Eviction']],
  ['io.k8s.api.networking.v1', ['V1Ingress', 'V1IngressClass', 'V1NetworkPolicy']],
  ['io.k8s.api.discovery.v1', ['V1EndpointSlice']],
  ['io.k8s.api.coordination.v1', ['V1Lease']],
  ['io.k8s.api.storage.v1', ['V1StorageClass']],
  ['io.k8s.api.events.v1', ['EventsV1Event']],
];

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const metaTypes = new Set([
  'V1ObjectMeta',
  'V1OwnerReference',
  'V1ManagedFieldsEntry',
  'V1LabelSelector',
  'V1LabelSelectorRequirement',
  'V1Condition',
  'V1DeleteOptions',
  'V1Preconditions',
]);

const entry = createRequire(import.meta.url).resolve('@kubernetes/client-node');
const models = join(dirname(entry), 'gen', 'models');
const names = new Map<string, string>();
const definitions: Record<string, Definition> = {};

for (const [packageName, kinds] of roots) for (const model of kinds) await reach(model, packageName);
const sorted = Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(new URL('./definitions.json', import.meta.url), `${JSON.stringify(sorted, undefined, 1)}\n`);

/** Writes the definition of a model and of all it refers to; returns its OpenAPI name. */
async function reach(model: string, packageName: string): Promise<string> {
  const known = names.get(model);
  if (known !== undefined) return known;
  const short = model.replace(/^(?:Core|Events|Discovery|Storage)?V1/, '');
  const name = `${metaTypes.has(model) ? metaPackage : packageName}.${short}`;
  names.set(model, name);
  const declaration = readFileSync(join(models, `${model}.d.ts`), 'utf8');
  const module = (await import(join(models, `${model}.js`))) as Record<
    string,
    { getAttributeTypeMap(): Attribute[] }
  >;
  const docs = documentation(declaration);
  const properties: Record<string, DefinitionField> = {};
  const required: string[] = [];
  for (const attribute of module[model]?.getAttributeTypeMap() ?? []) {
    const key = `${short}.${attribute.baseName}`;
    if (laterThan131.has(key)) continue;
    const doc = docs.fields.get(attribute.name);
    const type = await fieldType(attribute, packageName, key);
    const description = doc?.description || describeRef(attribute.baseName, key, type);
    properties[attribute.baseName] = { ...(description !== '' && { description }), ...type };
    if (doc?.required || stillRequired.has(key)) required.push(attribute.baseName);
  }
  definitions[name] = {
    ...(docs.type !== '' && { description: docs.type }),
    properties,
    ...(required.length > 0 && { required }),
  };
  return name;
}

function describeRef(field: string, key: string, { ref }: DefinitionField): string {
  if (ref === undefined) return '';
  const known = refDescriptions[key] ?? (field === 'metadata' ? metadataDescription : undefined);
  return known ?? definitions[ref]?.description ?? '';
}

async function fieldType(attribute: Attribute, packageName: string, key: string): Promise<DefinitionField> {
  const { type, format } = attribute;
  const array = /^Array<(.*)>$/.exec(type)?.[1];
  if (array !== undefined) {
    const items = await fieldType({ ...attribute, type: array }, packageName, key);
    return { type: 'array', items, ...listRules[key] };
  }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (map !== undefined) {
    return { type: 'object', additional: await fieldType({ ...attribute, type: map }, packageName, key) };
  }
  if (quantities.has(key)) return { type: 'quantity' };
  if (type === 'IntOrString') return { type: 'int-or-string' };
  if (type === 'Date' || type === 'V1MicroTime') {
    return { type: 'string', format: type === 'V1MicroTime' ? 'micro-time' : 'date-time' };
  }
  if (type === 'number')
    return { type: format === 'double' ? 'number' : 'integer', ...(format && { format }) };
  if (type === 'string' || type === 'boolean') {
    return { type, ...(format && { format }), ...(enums[key] && { enum: enums[key] }) };
  }
  if (type === 'any' || type === 'object') return { type: 'any' };
  return { ref: await reach(type, packageName) };
}

interface Documentation {
  readonly type: string;
  readonly fields: ReadonlyMap<string, { readonly description: string; readonly required: boolean }>;
}

function documentation(declaration: string): Documentation {
  const fields = new Map<string, { description: string; required: boolean }>();
  for (const match of declaration.matchAll(/\/\*\*\n\s+\* (.*)\n\s+\*\/\n\s+'([^']+)'(\??):/g)) {
    fields.set(match[2] ?? '', { description: plain(match[1] ?? ''), required: match[3] === '' });
  }
  for (const match of declaration.matchAll(/^ {4}'([^']+)'(\??):/gm)) {
    const name = match[1] ?? '';
    if (!fields.has(name)) fields.set(name, { description: '', required: match[2] === '' });
  }
  const type = /\/\*\*\n\* (.*)\n\*\/\nexport declare class/.exec(declaration)?.[1] ?? '';
  return { type: plain(type), fields };
}

/** The generator of the models escapes quotes. */
function plain(text: string): string {
  return text.replace(/\\(['"])/g, '$1').trim();
}
