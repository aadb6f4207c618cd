import { badRequest, type Kind, type KubeObject } from '../../registry/index.ts';

export type FieldMatcher = (object: KubeObject) => boolean;

interface Term {
  readonly field: string;
  readonly negated: boolean;
  readonly value: string;
}

/**
 * Parses a fieldSelector such as `metadata.name=a,spec.nodeName!=b`, as apimachinery's fields.ParseSelector does.
 * @returns undefined for the empty selector
 * @throws StatusError 400 for bad syntax or a field that the kind does not offer
 */
export function parseFieldSelector(text: string, kind: Kind): FieldMatcher | undefined {
  const terms = splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text));
  if (terms.length === 0) return undefined;
  const supported = supportedFields(kind);
  for (const { field } of terms)
    if (!supported.has(field)) throw badRequest(`field label not supported: ${field}`);
  return (object) => {
    const own = kind.fieldSelectors?.(object) ?? {};
    return terms.every(({ field, value, negated }) => (fieldValue(object, field, own) === value) !== negated);
  };
}

/** `metadata.name=X` alone, which a list can answer without looking at every object. */
export function onlyName(text: string): string | undefined {
  return /^metadata\.name==?([^,=!\\]+)$/.exec(text)?.[1];
}

function supportedFields(kind: Kind): ReadonlySet<string> {
  const probe = { apiVersion: '', kind: kind.kind, metadata: { name: '' }, spec: {}, status: {} };
  return new Set([
    'metadata.name',
    ...(kind.namespaced ? ['metadata.namespace'] : []),
    ...Object.keys(kind.fieldSelectors?.(probe) ?? {}),
  ]);
}

function fieldValue(object: KubeObject, field: string, own: Readonly<Record<string, string>>): string {
  if (field === 'metadata.name') return object.metadata.name;
  if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
  return own[field] ?? '';
}

function parseTerm(term: string, whole: string): Term {
  const found = /^((?:[^\\=!]|\\.)*?)(!=|==|=)(.*)$/s.exec(term);
  if (!found) throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = found;
  return { field, negated: operator === '!=', value: value.replace(/\\([\\,=])/g, '$1') };
}

function splitTerms(text: string): readonly string[] {
  return text.match(/(?:[^\\,]|\\.)+/gs) ?? [];
}
