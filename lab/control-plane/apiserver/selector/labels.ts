import { badRequest } from '../../registry/index.ts';

type Operator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** Decides about an object's labels. */
export type LabelMatcher = (labels: Readonly<Record<string, string>> | undefined) => boolean;

interface Token {
  readonly kind: 'word' | 'symbol' | 'end';
  readonly text: string;
}

const SYMBOLS = ['==', '!=', '=', '!', '(', ')', ',', '>', '<'] as const;

/**
 * Parses a labelSelector such as `app=web,tier in (a,b),!legacy`, as apimachinery's labels.Parse does.
 * @returns undefined for the empty selector, which matches everything
 * @throws StatusError 400 with apimachinery's words
 */
export function parseLabelSelector(text: string): LabelMatcher | undefined {
  const tokens = tokenize(text);
  if (tokens[0]?.kind === 'end') return undefined;
  const requirements: Requirement[] = [];
  let at = 0;
  const next = (): Token => tokens[Math.min(at++, tokens.length - 1)] as Token;
  const peek = (): Token => tokens[Math.min(at, tokens.length - 1)] as Token;
  for (;;) {
    requirements.push(parseRequirement(next, peek));
    const token = next();
    if (token.kind === 'end') break;
    if (token.text !== ',') throw badRequest(`found '${token.text}', expected: ',' or 'end of string'`);
    if (peek().kind === 'end') break;
    if (!['word'].includes(peek().kind) && peek().text !== '!')
      throw badRequest(`found '${peek().text}', expected: identifier after ','`);
  }
  return (labels) => requirements.every((requirement) => holds(requirement, labels ?? {}));
}

function parseRequirement(next: () => Token, peek: () => Token): Requirement {
  let token = next();
  const negated = token.text === '!' && token.kind === 'symbol';
  if (negated) token = next();
  if (token.kind !== 'word')
    throw badRequest(`unable to parse requirement: found '${token.text}', expected: identifier`);
  const key = token.text;
  checkKey(key);
  const following = peek();
  if (negated) {
    if (following.kind === 'end' || following.text === ',') return { key, operator: '!', values: [] };
    throw badRequest(
      `unable to parse requirement: found '${following.text}', expected: ',' or 'end of string'`,
    );
  }
  if (following.kind === 'end' || following.text === ',') return { key, operator: 'exists', values: [] };
  const operator = next().text;
  switch (operator) {
    case 'in':
    case 'notin':
      return checked({ key, operator, values: parseValues(next) });
    case '=':
    case '==':
    case '!=':
    case '>':
    case '<':
      return checked({
        key,
        operator: operator === '==' ? '=' : operator,
        values: [parseExactValue(next, peek)],
      });
    default:
      throw badRequest(
        `unable to parse requirement: found '${operator}', expected: in, notin, =, ==, !=, gt, lt`,
      );
  }
}

function parseExactValue(next: () => Token, peek: () => Token): string {
  if (peek().kind === 'end' || peek().text === ',') return '';
  const token = next();
  if (token.kind !== 'word')
    throw badRequest(`unable to parse requirement: found '${token.text}', expected: identifier`);
  return token.text;
}

function parseValues(next: () => Token): string[] {
  const open = next();
  if (open.text !== '(') throw badRequest(`unable to parse requirement: found '${open.text}', expected: '('`);
  const values: string[] = [];
  let value = '';
  for (;;) {
    const token = next();
    if (token.kind === 'word') value = token.text;
    else if (token.text === ',' || token.text === ')') {
      values.push(value);
      value = '';
      if (token.text === ')') return [...new Set(values)];
    } else throw badRequest(`unable to parse requirement: found '${token.text}', expected: ',', or ')'`);
  }
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at));
    if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol });
      at += symbol.length;
      continue;
    }
    const word = /^[^\s=!(),<>]+/.exec(text.slice(at, at + 4096))?.[0] ?? '';
    tokens.push({ kind: 'word', text: word });
    at += word.length;
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function checkKey(key: string): void {
  const name = key.slice(key.lastIndexOf('/') + 1);
  if (/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name) && key.split('/').length <= 2) return;
  throw badRequest(`unable to parse requirement: <nil>: Invalid value: "${key}": ${NAME_PART}`);
}

function checked(requirement: Requirement): Requirement {
  for (const [index, value] of requirement.values.entries()) {
    if (value.length <= 63 && /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)) continue;
    const field = `values[${index}][${requirement.key}]`;
    const why = value.length > 63 ? 'must be no more than 63 characters' : LABEL_VALUE;
    throw badRequest(`unable to parse requirement: ${field}: Invalid value: "${value}": ${why}`);
  }
  return requirement;
}

function holds(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const { key, operator, values } = requirement;
  const has = Object.hasOwn(labels, key);
  const value = has ? (labels[key] ?? '') : '';
  switch (operator) {
    case 'exists':
      return has;
    case '!':
      return !has;
    case '=':
    case 'in':
      return has && values.includes(value);
    case '!=':
    case 'notin':
      return !has || !values.includes(value);
    case '>':
      return has && Number.parseInt(value, 10) > Number.parseInt(values[0] ?? '', 10);
    case '<':
      return has && Number.parseInt(value, 10) < Number.parseInt(values[0] ?? '', 10);
  }
}
