import type { FieldError } from '../../registry/kind.ts';
import { goIntOrString, invalid, invalidAll } from '../fields/index.ts';
import { nonNegative } from '../pod/index.ts';

type Amount = number | string | undefined;

/** A number of pods, absolute or in per cent. */
export function validateAmount(amount: Amount, field: string): FieldError[] {
  if (typeof amount === 'string') {
    return /^[0-9]+%$/.test(amount)
      ? []
      : invalidAll(field, goIntOrString(amount), [
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        ]);
  }
  return nonNegative(amount, field);
}

/** maxUnavailable may not be more than everything. */
export function validateNotOverAll(amount: Amount, field: string): FieldError[] {
  if (typeof amount !== 'string' || Number(amount.replace('%', '')) <= 100) return [];
  return [invalid(field, goIntOrString(amount), 'must not be greater than 100%')];
}

export function isZero(amount: Amount): boolean {
  return amount === undefined || amount === 0 || amount === '0%';
}
