import type { FieldError } from '../../registry/kind.ts';
import { notSupported, required } from '../fields/index.ts';

const short: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** `RWO,ROX`, in this order and each once, as tables print them. */
export function formatAccessModes(modes: readonly string[] | undefined): string {
  return Object.keys(short)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => short[mode])
    .join(',');
}

export function validateAccessModes(
  modes: readonly string[] | undefined,
  field: string,
  none: string,
): FieldError[] {
  if (!modes || modes.length === 0) return [required(field, none)];
  const known = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
  return modes.filter((mode) => !known.includes(mode)).map((mode) => notSupported(field, mode, known));
}
