import type * as z from 'zod';
import { type Fault, type Finding, formatPath, type Path, show } from './fault.ts';
import { topologySchema } from './schema.ts';
import { closest, didYouMean } from './suggest.ts';

interface SchemaNode {
  readonly shape?: Readonly<Record<string, SchemaNode>>;
  readonly valueType?: SchemaNode;
  readonly element?: SchemaNode;
  readonly options?: readonly string[];
  readonly unwrap?: () => SchemaNode;
  readonly type: string;
  meta(): Meta | undefined;
}

interface Meta {
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

/** What the schema says of a value, with "optional" taken off. */
interface Definition {
  readonly node: SchemaNode;
  readonly meta: Meta;
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

/** The definition of the value at a path; undefined beyond what the schema knows. */
function definitionAt(path: Path): Definition | undefined {
  let { node, meta } = bare(topologySchema as unknown as SchemaNode);
  for (const step of path) {
    const next = typeof step === 'number' ? node.element : (node.shape?.[step] ?? node.valueType);
    if (!next) return undefined;
    ({ node, meta } = bare(next));
  }
  return { node, meta };
}

function bare(outer: SchemaNode): Definition {
  // An array has `unwrap` as well: its element.
  if (outer.type !== 'optional' || !outer.unwrap) return { node: outer, meta: outer.meta() ?? {} };
  const inner = bare(outer.unwrap());
  return { node: inner.node, meta: { ...inner.meta, ...outer.meta() } };
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

function example(definition: Definition | undefined): string | undefined {
  if (definition?.node.options) return definition.node.options.join(' or ');
  const [first] = definition?.meta.examples ?? [];
  return first === undefined ? undefined : show(first);
}

/** `Prefix length of Calico's blocks (a number)`. */
function described(definition: Definition | undefined): string {
  const noun = NOUNS[definition?.node.type ?? ''] ?? 'a value';
  const description = definition?.meta.description?.replace(/\.$/, '');
  return description ? `${description} (${noun})` : noun;
}

function keysUnder(definition: Definition): string {
  const required = Object.entries(definition.node.shape ?? {}).filter(
    ([, value]) => value.type !== 'optional',
  );
  const keys = required.length > 0 ? required : Object.entries(definition.node.shape ?? {});
  return keys.map(([key]) => key).join(', ');
}

function missing(path: Path, definition: Definition | undefined): Finding {
  const key = String(path.at(-1));
  const sample = definition?.node.shape
    ? `and under it ${keysUnder(definition)}`
    : (example(definition) ?? 'and a map under it');
  return {
    path,
    message: `${key} is missing`,
    rule: `${key} is required: ${described(definition)}`,
    right: `${key}: ${sample}`,
  };
}

function wrongType(path: Path, value: unknown, definition: Definition | undefined): Finding {
  const wanted = described(definition);
  const key = path.at(-1);
  const right = rightType(value, definition) ?? example(definition) ?? wanted;
  if (value === null) {
    const message = typeof key === 'string' ? `${key} has no value` : 'an empty entry';
    return { path, at: 'key', message, rule: wanted, right };
  }
  const shown = typeof value === 'string' ? JSON.stringify(value) : show(value);
  return { path, message: `${shown} is ${nounOf(value)}`, rule: wanted, right };
}

function rightType(value: unknown, definition: Definition | undefined): string | undefined {
  if (definition?.node.type === 'boolean' && typeof value === 'string') {
    if (/^(yes|on|y|true)$/i.test(value)) return 'did you mean true?';
    if (/^(no|off|n|false)$/i.test(value)) return 'did you mean false?';
  }
  if (definition?.node.type === 'number' && typeof value === 'string' && /^\d+$/.test(value))
    return `did you mean ${value} (without quotes)?`;
  if (definition?.node.type === 'array' && typeof value === 'string') return `did you mean [${value}]?`;
  if (definition?.node.shape) return `a map with ${keysUnder(definition)}`;
  return undefined;
}

/**
 * What Zod found, in the lab's words.
 *
 * @param raw what Zod was given
 */
export function schemaFindings(issues: readonly z.core.$ZodIssue[], raw: unknown): Finding[] {
  const findings = issues.flatMap((issue): Finding[] => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    const definition = definitionAt(path);
    const { found, value } = valueAt(raw, path);
    switch (issue.code) {
      case 'custom':
        return [{ path, ...(issue.params as unknown as Fault) }];
      case 'unrecognized_keys':
        return issue.keys.map((key) => unknownKey(key, path, raw, definition));
      case 'invalid_value': {
        if (!found) return [missing(path, definition)];
        if (value === null) return [wrongType(path, value, definition)];
        const choice = issue.values.map(String);
        const right = didYouMean(String(value), choice);
        return [
          {
            path,
            message: `${show(value)} is not one of the choices`,
            rule: `the choices are ${choice.join(', ')}`,
            right,
          },
        ];
      }
      case 'too_small':
        return [
          {
            path,
            message: `${show(value)} is empty`,
            rule: described(definition),
            right: example(definition) ?? 'at least one entry',
          },
        ];
      default:
        return [found ? wrongType(path, value, definition) : missing(path, definition)];
    }
  });
  // A mistyped key is one mistake, not a key too many and another one missing.
  const meant = new Set(findings.flatMap((finding) => (finding.meant ? [formatPath(finding.meant)] : [])));
  return findings.filter((finding) => !meant.has(formatPath(finding.path)));
}

function unknownKey(key: string, path: Path, raw: unknown, definition: Definition | undefined): Finding {
  const known = Object.keys(definition?.node.shape ?? {});
  const near = closest(
    key,
    known.filter((name) => !valueAt(raw, [...path, name]).found),
  );
  return {
    path: [...path, key],
    at: 'key',
    message: `unknown key ${show(key)}`,
    rule: `the keys here are ${known.join(', ')}`,
    right: near === undefined ? 'one of these keys, or none' : `did you mean ${near}?`,
    ...(near === undefined ? {} : { meant: [...path, near] }),
  };
}
