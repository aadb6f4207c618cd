import { badRequest } from '../../registry/index.ts';
import { GoJsonError, parseJson } from '../decode/json.ts';

/** Where a list goes on, and the revision whose state it shows; -1 for "whatever there is now". */
export interface ContinueToken {
  readonly revision: number;
  /** First key that may come next, below the list's prefix. */
  readonly start: string;
}

/** The real server's form: raw base64url of a small JSON object. */
export function encodeContinue({ revision, start }: ContinueToken): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision, start };
  const json = JSON.stringify(token).replaceAll('\0', '\\u0000');
  return Buffer.from(json).toString('base64url');
}

/** @throws StatusError 400 in the real server's words */
export function decodeContinue(token: string): ContinueToken {
  const bad = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  const illegal = /[^A-Za-z0-9_-]/.exec(token);
  if (illegal) throw bad(`illegal base64 data at input byte ${illegal.index}`);
  let value: unknown;
  try {
    value = parseJson(Buffer.from(token, 'base64url').toString('latin1'));
  } catch (error) {
    if (error instanceof GoJsonError) throw bad(error.message);
    throw error;
  }
  const { v, rv, start } = (value ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== 'meta.k8s.io/v1')
    throw bad(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw bad('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '')
    throw bad('encoded start key empty (version meta.k8s.io/v1)');
  return { revision: rv, start: Buffer.from(start, 'latin1').toString() };
}
