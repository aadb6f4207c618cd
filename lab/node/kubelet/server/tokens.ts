import { createHash, timingSafeEqual } from 'node:crypto';
import { readOptional } from '../../runtime/index.ts';

/** The API server's own list; only the control plane has it. */
const TOKENS_PATH = '/etc/kubernetes/pki/tokens.json';
const SERVER_USER = 'kube-apiserver';
const PRIVILEGED_GROUP = 'system:masters';

interface TokenEntry {
  readonly token: string;
  readonly user: string;
  readonly groups?: readonly string[];
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Says whether a request's Authorization header is good enough. */
export type Authorize = (header: string | undefined) => Promise<boolean>;

/**
 * Lets the API server in, and administrators where the node knows them.
 * @param tokens accepted in any case, from the kubelet's configuration
 */
export function authorizer(tokens: readonly string[], path = TOKENS_PATH): Authorize {
  return async (header) => {
    const given = /^Bearer (.+)$/.exec(header ?? '')?.[1];
    if (given === undefined) return false;
    const text = await readOptional(path).catch(() => undefined);
    const listed = ((text === undefined ? [] : JSON.parse(text)) as TokenEntry[]).filter(
      ({ user, groups }) => user === SERVER_USER || groups?.includes(PRIVILEGED_GROUP),
    );
    const hash = digest(given);
    return [...tokens, ...listed.map(({ token }) => token)].some((token) =>
      timingSafeEqual(hash, digest(token)),
    );
  };
}
