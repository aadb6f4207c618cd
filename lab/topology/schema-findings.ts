import type * as z from 'zod';
import { type Fault, type Finding, type Path, show } from './fault.ts';
import { topologySchema } from './schema.ts';
import { didYouMean } from './suggest.ts';

interface SchemaNode {
  readonly shape?: Readonly<Record<string, SchemaNode>>;
  readonly valueType?: SchemaNode;
  readonly element?: SchemaNode;
  readonly unwrap?: () => SchemaNode;
  readonly type: string;
  meta(): { description?: string; examples?: readonly unknown[] } | undefined;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  enum: 'text',
};

/** The definition of the value at a path, without the "optional" around it; undefined beyond the definition. */
function definitionAt(path: Path): SchemaNode | undefined {
  let node: SchemaNode | undefined = topologySchema as unknown as SchemaNode;
  for (const step of path) {
    node = typeof step === 'number' ? node.element : (node.shape?.[step] ?? node.valueType);
    if (!node) return undefined;
    // An array has `unwrap` as well: its element.
    while (node.type === 'optional' && node.unwrap) node = node.unwrap();
  }
  return node;
}

function valueAt(raw: unknown, path: Path): { found: boolean; value?: unknown } {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return { found: false };
    value = (value as Record<string | number, unknown>)[step];
  }
  return { found: true, value };
}

function nounOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return NOUNS[typeof value] ?? typeof value;
}

function example(definition: SchemaNode | undefined): string | undefined {
  const [first] = definition?.meta()?.examples ?? [];
  return first === undefined ? undefined : show(first);
}

function described(definition: SchemaNode | undefined): string {
  const noun = NOUNS[definition?.type ?? ''] ?? 'a value';
  const description = definition?.meta()?.description;
  return description ? `${noun}. ${description}` : noun;
}

function missing(path: Path, definition: SchemaNode | undefined): Finding {
  const key = String(path.at(-1));
  const keys = definition?.shape ? Object.keys(definition.shape) : [];
  const inside = keys.length > 0 ? `${key}: with ${keys.join(', ')} under it` : `${key}: and a value`;
  const shown = example(definition);
  return {
    path,
    message: `${key} is missing`,
    rule: `${key} is required: ${described(definition)}`,
    right: shown === undefined ? inside : `${key}: ${shown}`,
  };
}

function wrongType(path: Path, value: unknown, definition: SchemaNode | undefined): Finding {
  const wanted = described(definition);
  const key = path.at(-1);
  const sample = example(definition);
  if (value === null) {
    const right = definition?.shape ? `keys under it: ${Object.keys(definition.shape).join(', ')}` : sample;
    const message = typeof key === 'string' ? `${key} has no value` : 'an empty entry';
    return { path, at: 'key', message, rule: `wanted: ${wanted}`, right: right ?? wanted };
  }
  return {
    path,
    message: `${show(value)} is ${nounOf(value)}`,
    rule: `wanted: ${wanted}`,
    right: rightType(value, definition) ?? sample ?? wanted,
  };
}

function rightType(value: unknown, definition: SchemaNode | undefined): string | undefined {
  if (definition?.type === 'boolean' && typeof value === 'string') {
    if (/^(yes|on|y|true)$/i.test(value)) return 'did you mean true?';
    if (/^(no|off|n|false)$/i.test(value)) return 'did you mean false?';
  }
  if (definition?.type === 'number' && typeof value === 'string' && /^\d+$/.test(value))
    return `did you mean ${value} (without quotes)?`;
  if (definition?.type === 'array' && typeof value === 'string') return `did you mean [${value}]?`;
  if (definition?.shape) return `keys under it: ${Object.keys(definition.shape).join(', ')}`;
  return undefined;
}

/**
 * What Zod found, in the lab's words.
 *
 * @param raw what Zod was given
 */
export function schemaFindings(issues: readonly z.core.$ZodIssue[], raw: unknown): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    const definition = definitionAt(path);
    const { found, value } = valueAt(raw, path);
    switch (issue.code) {
      case 'custom':
        return [{ path, ...(issue.params as unknown as Fault) }];
      case 'unrecognized_keys': {
        const known = Object.keys(definition?.shape ?? {});
        const unused = known.filter((key) => !valueAt(raw, [...path, key]).found);
        return issue.keys.map((key) => ({
          path: [...path, key],
          at: 'key',
          message: `unknown key ${show(key)}`,
          rule: `the keys here are ${known.join(', ')}`,
          right: didYouMean(key, unused.length > 0 ? unused : known),
        }));
      }
      case 'invalid_value': {
        if (!found) return [missing(path, definition)];
        if (value === null) return [wrongType(path, value, definition)];
        const choice = issue.values.map(String);
        const right = didYouMean(String(value), choice);
        return [
          {
            path,
            message: `${show(value)} is not one of the choices`,
            rule: `one of ${choice.join(', ')}`,
            right,
          },
        ];
      }
      case 'too_small':
        return [
          {
            path,
            message: `${show(value)} is empty`,
            rule: `wanted: ${described(definition)}`,
            right: example(definition) ?? 'at least one entry',
          },
        ];
      default:
        return [found ? wrongType(path, value, definition) : missing(path, definition)];
    }
  });
}
