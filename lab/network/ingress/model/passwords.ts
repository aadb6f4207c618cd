import { createHash } from 'node:crypto';
import type { Settings } from '../annotations/index.ts';
import type { Ingress, Secret } from '../objects.ts';
import type { Location, Problem } from './types.ts';

/** Secrets do not change: a new version is a new object. */
const known = new WeakMap<Secret, { readonly id: string; readonly text: string } | undefined>();

/**
 * Who gets to the locations of an Ingress. Where a password is wanted and it cannot be said which, nobody does, as with ingress-nginx:
 * an annotation that is wrong must not open what it was to close.
 */
export function authOf(
  ingress: Ingress | undefined,
  { auth }: Settings,
  secretOf: (key: string) => Secret | undefined,
  report: (problem: Problem) => void,
): Location['auth'] {
  if (!ingress || auth.type === 'none') return undefined;
  const denied = (why: string): 'denied' => {
    report({ ingress, reason: 'InvalidAuth', message: `nobody gets in, because ${why}` });
    return 'denied';
  };
  if (auth.type === 'unknown') return denied('its auth-type is not known here');
  if (auth.secret === '') return denied('it has no auth-secret');
  const name = `${ingress.metadata.namespace}/${auth.secret}`;
  const secret = secretOf(name);
  if (!secret) return denied(`secret ${name} does not exist`);
  if (!known.has(secret)) known.set(secret, passwordsOf(secret));
  const found = known.get(secret);
  return found ? { ...found, realm: auth.realm } : denied(`secret ${name} has no passwords in auth`);
}

function passwordsOf({ metadata, data }: Secret): { id: string; text: string } | undefined {
  const encoded = data?.auth;
  if (typeof encoded !== 'string') return undefined;
  const lines = Buffer.from(encoded, 'base64').toString('utf8').split(/\r?\n/);
  const kept = lines.filter((line) => /^[^:#\p{Control}]+:[^\p{Control}]+$/u.test(line));
  if (kept.length === 0) return undefined;
  const text = `${kept.join('\n')}\n`;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return { id: `${metadata.namespace}-${metadata.name}-${hash}`, text };
}
