import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { unauthorized } from '../registry/index.ts';

/** Who sends a request. */
export interface User {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  /** What else is known of who they are, e.g. the pod of a service account's token. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** One line of the token file. */
export interface Token {
  readonly token: string;
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
}

/** Finds the user of a request by its bearer token. */
export interface Authenticator {
  /** @throws StatusError 401 without a known token: nobody is anonymous here */
  authenticate(request: IncomingMessage): User;
  /** @returns the user of a token that is none of a service account; undefined for others */
  userOf(token: string): User | undefined;
}

/**
 * Tokens are looked up by their hash, so that the time of the look-up says nothing of a token's characters.
 * @param verify finds the user of a token that is not in the list, that is, of a service account's
 */
export function tokenAuthenticator(
  tokens: readonly Token[],
  verify: (token: string) => User | undefined = () => undefined,
): Authenticator {
  const byHash = new Map<string, User>(
    tokens.map(({ token, user, uid, groups }) => [
      hash(token),
      { name: user, uid, groups: [...groups, 'system:authenticated'] },
    ]),
  );
  const userOf = (token: string): User | undefined => byHash.get(hash(token));
  return {
    userOf,
    authenticate(request) {
      const found = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
      const token = found?.[1] ?? webSocketToken(request) ?? '';
      const user = userOf(token) ?? verify(token);
      if (!user) throw unauthorized();
      return user;
    },
  };
}

/** Browsers cannot set headers on a WebSocket; Kubernetes lets them send the token as a subprotocol. */
function webSocketToken(request: IncomingMessage): string | undefined {
  const found = /base64url\.bearer\.authorization\.k8s\.io\.([A-Za-z0-9_-]+)/.exec(
    String(request.headers['sec-websocket-protocol'] ?? ''),
  );
  return found?.[1] === undefined ? undefined : Buffer.from(found[1], 'base64url').toString();
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/** Reads `[{"token","user","uid","groups":[]}]`. */
export function readTokens(file: string): readonly Token[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly Token[];
}
