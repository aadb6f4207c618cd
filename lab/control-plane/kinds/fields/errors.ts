import type { FieldError } from '../../registry/kind.ts';
import { GoText, goQuote } from './go-text.ts';

/** What is refused: strings are quoted, numbers and booleans are not, a {@link GoText} stands as it is. */
export type BadValue = string | number | boolean | GoText;

/** apimachinery's field.Error constructors (util/validation/field/errors.go); the texts are what clients see in a 422. */
export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, message: withDetail('Required value', detail) };
}

export function invalid(field: string, value: BadValue, detail: string): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: withDetail(`Invalid value: ${valueText(value)}`, detail),
  };
}

export function duplicate(field: string, value: BadValue): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${valueText(value)}` };
}

export function notFound(field: string, value: BadValue): FieldError {
  return { reason: 'FieldValueNotFound', field, message: `Not found: ${valueText(value)}` };
}

/** @param supported in the order the server prints them */
export function notSupported(field: string, value: BadValue, supported: readonly string[]): FieldError {
  const values = supported.map(goQuote).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${valueText(value)}: supported values: ${values}`,
  };
}

export function forbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: withDetail('Forbidden', detail) };
}

export function tooLong(field: string, maximum: number): FieldError {
  return { reason: 'FieldValueTooLong', field, message: `Too long: must have at most ${maximum} bytes` };
}

export function tooMany(field: string, actual: number, maximum: number): FieldError {
  return {
    reason: 'FieldValueTooMany',
    field,
    message: `Too many: ${actual}: must have at most ${maximum} items`,
  };
}

export function internalError(field: string, detail: string): FieldError {
  return { reason: 'InternalError', field, message: withDetail('Internal error', detail) };
}

/** One `Invalid value` per message of a check such as {@link isDNS1123Label}. */
export function invalidAll(field: string, value: BadValue, messages: readonly string[]): FieldError[] {
  return messages.map((message) => invalid(field, value, message));
}

function withDetail(kind: string, detail: string): string {
  return detail === '' ? kind : `${kind}: ${detail}`;
}

function valueText(value: BadValue): string {
  if (value instanceof GoText) return value.text;
  return typeof value === 'string' ? goQuote(value) : String(value);
}
