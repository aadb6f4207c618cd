import { sign, verify } from 'node:crypto';
import type { SigningKey } from './key.ts';

/** What a token of a service account says (kubernetes.io/docs, "Schema for service account private claims"). */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly jti: string;
  /** Seconds since 1970: issued at, not before, expires. */
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly serviceaccount: Reference;
    readonly pod?: Reference;
    readonly secret?: Reference;
    readonly node?: Reference;
    /** Seconds since 1970 from when on a client that still uses the token should have asked for a new one. */
    readonly warnafter?: number;
  };
}

export interface Reference {
  readonly name: string;
  readonly uid: string;
}

/** RFC 7518: the two numbers of the signature side by side, not in DER. */
const ENCODING = 'ieee-p1363';

/** Signs claims as a JWT (RFC 7519) with ES256. */
export function signClaims(claims: Claims, key: SigningKey): string {
  const head = encode({ alg: 'ES256', kid: key.id });
  const signed = `${head}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: key.privateKey, dsaEncoding: ENCODING });
  return `${signed}.${signature.toString('base64url')}`;
}

/** @returns the claims of a token this key has signed; undefined for everything else */
export function verifySignature(token: string, key: SigningKey): Claims | undefined {
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0 || signature === '') return undefined;
  const { alg, kid } = decode(head) as { alg?: unknown; kid?: unknown };
  // The algorithm is the key's, not the token's choice.
  if (alg !== 'ES256' || kid !== key.id) return undefined;
  const bytes = Buffer.from(`${head}.${body}`);
  const valid = verify(
    'sha256',
    bytes,
    { key: key.publicKey, dsaEncoding: ENCODING },
    Buffer.from(signature, 'base64url'),
  );
  return valid ? (decode(body) as Claims) : undefined;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): object {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
