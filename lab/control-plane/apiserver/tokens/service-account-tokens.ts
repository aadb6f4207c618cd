import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../registry/index.ts';
import type { User } from '../auth.ts';
import { type Claims, type Reference, signClaims, verifySignature } from './jwt.ts';
import type { SigningKey } from './key.ts';

/** kubeadm's --service-account-issuer; tokens without an audience of their own are for the API server, that is for it. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** A token that a kubelet asks for with its usual time; clients may use it for a year, in which they are only warned. */
const WARN_ONLY_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 60 * 60;

/** Deleted objects are believed for so long, as the real server does (expiration of caches of clients). */
const LEEWAY_MS = 60_000;

/** Verified signatures are remembered: checking one takes as long as ten requests. */
const REMEMBERED = 1024;

/** Finds stored objects, e.g. of `serviceaccounts`. */
export type Find = (resource: string, namespace: string | undefined, name: string) => KubeObject | undefined;

/** What a token is asked for. */
export interface TokenWish {
  readonly namespace: string;
  readonly account: Reference;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly pod?: Reference;
  readonly secret?: Reference;
  readonly node?: Reference;
}

/** Issues and checks the tokens of service accounts. */
export class ServiceAccountTokens {
  readonly #key: SigningKey;
  readonly #find: Find;
  readonly #now: () => Date;
  readonly #verified = new Map<string, Claims>();

  constructor(key: SigningKey, find: Find, now: () => Date) {
    this.#key = key;
    this.#find = find;
    this.#now = now;
  }

  /** @returns the token and when whoever asked should ask again */
  issue(wish: TokenWish): { readonly token: string; readonly expires: Date } {
    const iat = Math.floor(this.#now().getTime() / 1000);
    const { namespace, account, audiences, expirationSeconds, pod, secret, node } = wish;
    const isKubelets =
      pod !== undefined &&
      expirationSeconds === WARN_ONLY_SECONDS &&
      audiences.every((each) => each === ISSUER);
    const token = signClaims(
      {
        aud: audiences,
        exp: iat + (isKubelets ? EXTENDED_SECONDS : expirationSeconds),
        iat,
        iss: ISSUER,
        jti: randomUUID(),
        'kubernetes.io': {
          namespace,
          ...(node && { node }),
          ...(pod && { pod }),
          ...(secret && { secret }),
          serviceaccount: account,
          ...(isKubelets && { warnafter: iat + expirationSeconds }),
        },
        nbf: iat,
        sub: `system:serviceaccount:${namespace}:${account.name}`,
      },
      this.#key,
    );
    return { token, expires: new Date((iat + expirationSeconds) * 1000) };
  }

  /**
   * @param audiences of which the token must have one
   * @returns the account as a user; undefined when the token is not ours, not valid now, or what it is bound to is gone
   */
  verify(token: string, audiences: readonly string[] = [ISSUER]): User | undefined {
    const claims = this.#claims(token);
    if (!claims || claims.iss !== ISSUER) return undefined;
    const now = this.#now().getTime() / 1000;
    if (now >= claims.exp || now < claims.nbf) return undefined;
    if (!claims.aud.some((each) => audiences.includes(each))) return undefined;
    const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
    if (!this.#lives('serviceaccounts', namespace, serviceaccount)) return undefined;
    if (pod && !this.#lives('pods', namespace, pod)) return undefined;
    if (secret && !this.#lives('secrets', namespace, secret)) return undefined;
    // A node that a pod's token names is only told, not insisted on; a token bound to the node itself is.
    if (node && !pod && !this.#lives('nodes', undefined, node)) return undefined;
    return {
      name: claims.sub,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
        ...named('node', node),
        ...named('pod', pod),
      },
    };
  }

  #claims(token: string): Claims | undefined {
    const known = this.#verified.get(token);
    if (known) return known;
    const claims = verifySignature(token, this.#key);
    if (!claims) return undefined;
    const oldest = this.#verified.size >= REMEMBERED ? this.#verified.keys().next().value : undefined;
    if (oldest !== undefined) this.#verified.delete(oldest);
    this.#verified.set(token, claims);
    return claims;
  }

  #lives(resource: string, namespace: string | undefined, { name, uid }: Reference): boolean {
    const metadata = this.#find(resource, namespace, name)?.metadata;
    if (!metadata || metadata.uid !== uid) return false;
    const { deletionTimestamp } = metadata;
    return (
      deletionTimestamp === undefined || this.#now().getTime() - Date.parse(deletionTimestamp) <= LEEWAY_MS
    );
  }
}

function named(what: string, reference: Reference | undefined): Record<string, readonly string[]> {
  if (!reference) return {};
  return {
    [`authentication.kubernetes.io/${what}-name`]: [reference.name],
    [`authentication.kubernetes.io/${what}-uid`]: [reference.uid],
  };
}
