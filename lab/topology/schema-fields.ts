import * as z from 'zod';
import { addressFault, macFault } from './checks/address.ts';
import { interfaceNameFault } from './checks/name.ts';
import type { Check } from './fault.ts';

function checked<S extends z.ZodType>(schema: S, check: Check<z.output<S>>): S {
  return schema.check((ctx) => {
    const fault = check(ctx.value);
    if (fault)
      ctx.issues.push({ code: 'custom', input: ctx.value, message: fault.message, params: { ...fault } });
  });
}

export function text(check: Check<string>, description: string, example: string) {
  return checked(z.string(), check).meta({ description, examples: [example] });
}

export function integer(
  check: Check<number>,
  minimum: number,
  maximum: number,
  description: string,
  example: number,
) {
  return checked(z.number(), check).meta({
    type: 'integer',
    minimum,
    maximum,
    description,
    examples: [example],
  });
}

const LABEL_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

// The keys of a record are judged by rules/names.ts: Zod would leave the value of a bad key unread.
export function record<S extends z.ZodType>(value: S, description: string) {
  return z
    .record(z.string(), value)
    .meta({ description, propertyNames: { pattern: LABEL_PATTERN, maxLength: 63 } });
}

export const address = (description: string, example: string) => text(addressFault, description, example);
export const mac = text(
  macFault,
  'MAC of the interface; Docker chooses one when it is left out.',
  '00:50:56:93:1c:47',
).optional();
export const networkName = (description: string) => z.string().meta({ description, examples: ['nodes'] });
export const interfaceName = (description: string, example: string) =>
  text(interfaceNameFault, description, example).optional();
