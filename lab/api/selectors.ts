import type { LabelSelector, LabelSelectorRequirement } from './objects/index.ts';

type Labels = Readonly<Record<string, string>> | undefined;

/** One condition of a selector; all of a selector's must hold. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

/** A selector or its text that cannot be understood; the message is apimachinery's where it has one. */
export class SelectorError extends Error {}

const OPERATORS = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);

/** Requirements of a `metav1.LabelSelector`. An absent selector selects nothing: undefined. */
export function fromLabelSelector(selector: LabelSelector | null | undefined): Requirement[] | undefined {
  if (!selector) return undefined;
  const equal = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): Requirement => ({ key, operator: 'In', values: [value] }),
  );
  return [...equal, ...(selector.matchExpressions ?? []).map(fromExpression)];
}

function fromExpression({ key, operator, values }: LabelSelectorRequirement): Requirement {
  if (!OPERATORS.has(operator)) {
    throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`);
  }
  return { key, operator: operator as Requirement['operator'], values: values ?? [] };
}

/** A set-based selector from a map of labels (`Service.spec.selector`, `nodeSelector`). */
export function fromLabels(labels: Readonly<Record<string, string>>): Requirement[] {
  return Object.entries(labels).map(([key, value]) => ({ key, operator: 'In', values: [value] }));
}

/** Whether labels meet all requirements; none at all are met by everything. apimachinery labels.Requirement.Matches. */
export function matches(requirements: readonly Requirement[], labels: Labels): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = labels?.[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default: {
        const left = integer(value);
        const right = integer(values[0]);
        if (left === undefined || right === undefined) return false;
        return operator === 'Gt' ? left > right : left < right;
      }
    }
  });
}

/** Whether a selector object selects these labels; an absent one selects nothing, an empty one everything. */
export function selects(selector: LabelSelector | null | undefined, labels: Labels): boolean {
  const requirements = fromLabelSelector(selector);
  return requirements !== undefined && matches(requirements, labels);
}

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** The text of a selector, as the `labelSelector` parameter takes it. */
export function formatSelector(requirements: readonly Requirement[]): string {
  return requirements
    .map(({ key, operator, values }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      if (operator === 'Gt' || operator === 'Lt') return `${key}${operator === 'Gt' ? '>' : '<'}${values[0]}`;
      if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`;
    })
    .join(',');
}

const TOKEN = /\s*(notin\b|in\b|!=|==|=|!|,|\(|\)|>|<|[^\s!=,()<>]+)/y;

/**
 * Parses the text form: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`.
 *
 * @throws SelectorError
 */
export function parseSelector(text: string): Requirement[] {
  const tokens = tokenise(text);
  const requirements: Requirement[] = [];
  let at = 0;
  const next = () => tokens[at++];
  const fail = (found: string | undefined, expected: string): never => {
    throw new SelectorError(`unable to parse requirement: found '${found ?? ''}', expected: ${expected}`);
  };
  const word = (): string => {
    const token = next();
    if (token === undefined || /^[!=,()<>]/.test(token)) fail(token, 'identifier');
    return token as string;
  };
  if (tokens.length === 0) return requirements;
  for (;;) {
    requirements.push(one());
    const separator = next();
    if (separator === undefined) return requirements;
    if (separator !== ',') fail(separator, "',' or 'end of string'");
  }

  function one(): Requirement {
    if (tokens[at] === '!') {
      at++;
      return { key: word(), operator: 'DoesNotExist', values: [] };
    }
    const key = word();
    const operator = tokens[at];
    if (operator === undefined || operator === ',') return { key, operator: 'Exists', values: [] };
    at++;
    if (operator === '=' || operator === '==') return { key, operator: 'In', values: [value()] };
    if (operator === '!=') return { key, operator: 'NotIn', values: [value()] };
    if (operator === '>' || operator === '<')
      return { key, operator: operator === '>' ? 'Gt' : 'Lt', values: [word()] };
    if (operator === 'in' || operator === 'notin') {
      return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: list() };
    }
    return fail(operator, 'in, notin, =, ==, !=, gt, lt');
  }

  /** A value may be empty: `a=` asks for the empty string. */
  function value(): string {
    return tokens[at] === undefined || tokens[at] === ',' ? '' : word();
  }

  function list(): string[] {
    const open = next();
    if (open !== '(') fail(open, "'('");
    const values: string[] = [];
    for (;;) {
      values.push(tokens[at] === ',' || tokens[at] === ')' ? '' : word());
      const token = next();
      if (token === ')') return values;
      if (token !== ',') fail(token, "',' or ')'");
    }
  }
}

function tokenise(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match?.[1]) throw new SelectorError(`unable to parse requirement: found '${text.slice(at)}'`);
    tokens.push(match[1]);
  }
  return tokens;
}
