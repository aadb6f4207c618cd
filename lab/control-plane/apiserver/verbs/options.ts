import {
  badRequest,
  type FieldError,
  invalid,
  type StatusError,
  unclassified,
} from '../../registry/index.ts';
import type { FieldValidation } from '../decode/object.ts';

/** `CreateOptions.meta.k8s.io "" is invalid: …`. */
export function invalidOptions(kind: string, errors: readonly FieldError[]): StatusError {
  return invalid({ group: 'meta.k8s.io', name: kind }, '', errors);
}

/** Reads `?dryRun=`. @throws StatusError 422 for anything but `All` */
export function parseDryRun(values: readonly string[], optionsKind: string): boolean {
  const given = values.filter((value) => value !== '');
  if (given.length === 0) return false;
  if (given.every((value) => value === 'All')) return true;
  const shown = given.map((value) => JSON.stringify(value)).join(', ');
  throw invalidOptions(optionsKind, [
    {
      reason: 'FieldValueNotSupported',
      field: 'dryRun',
      message: `Unsupported value: []string{${shown}}: supported values: "All"`,
    },
  ]);
}

/** Reads `?fieldValidation=`, Warn by default. */
export function parseFieldValidation(value: string | null, optionsKind: string): FieldValidation {
  if (value === null || value === '') return 'Warn';
  if (value === 'Ignore' || value === 'Warn' || value === 'Strict') return value;
  throw invalidOptions(optionsKind, [
    {
      reason: 'FieldValueNotSupported',
      field: 'fieldValidation',
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: "Ignore", "Strict", "Warn"`,
    },
  ]);
}

/** An integer of the query. @throws StatusError 400 in the words of Go's strconv */
export function parseInteger(value: string | null): number | undefined {
  if (value === null || value === '') return undefined;
  if (!/^[+-]?\d+$/.test(value))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`);
  return number;
}

/** A boolean of the query as Kubernetes' conversion reads it: everything but `false` and `0` is true. */
export function parseFlag(value: string | null): boolean {
  return value !== null && value.toLowerCase() !== 'false' && value !== '0';
}

/**
 * The resourceVersion of a read; undefined for none.
 * @throws StatusError the unclassified 500 of a real server
 */
export function parseRevision(value: string | null): number | undefined {
  if (value === null || value === '') return undefined;
  if (/^\d+$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value);
  const why = /^\d+$/.test(value) ? 'value out of range' : 'invalid syntax';
  const quoted = JSON.stringify(value);
  throw unclassified(
    `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`,
  );
}
