import { type ApiClient, ApiError, SERVICE_ACCOUNTS } from '../../../api/client/index.ts';
import type { ApiObject } from '../../../api/objects/index.ts';
import { formatPod, type Pod } from '../../runtime/index.ts';
import type { Clock } from '../backoff.ts';
import { log } from '../log.ts';
import { type PodToken, type TokenSource, type Tokens, tokenKey } from '../volumes/index.ts';

const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;
/** Unless the pod's spec says another; the API server's default too. */
const DEFAULT_LIFE = 3600;
/** A token is replaced when so much of its life is over, or after a day. pkg/kubelet/token requiresRefresh. */
const REFRESH_AT = 0.8;
/** After a refusal. */
const RETRY = 30 * SECOND;

/** authentication.k8s.io/v1, as the API server answers. */
interface TokenRequest extends ApiObject {
  readonly spec: {
    readonly audiences?: readonly string[];
    readonly expirationSeconds?: number;
    readonly boundObjectRef?: { kind: string; apiVersion: string; name: string; uid: string };
  };
  readonly status?: { readonly token: string; readonly expirationTimestamp: string };
}

interface Held {
  readonly token: string;
  readonly expires: number;
  readonly refreshAt: number;
}

/**
 * Tokens bound to pods, from the API server's TokenRequest (KEP-1205), kept per pod until they are to be replaced. An
 * API server that does not serve the subresource leaves pods without a token: most do not need one.
 */
export function podTokens(client: ApiClient, clock: Clock): Tokens {
  const held = new Map<string, Map<string, Held>>();
  const asked = new Map<string, Promise<Held>>();

  async function request(pod: Pod, source: TokenSource): Promise<Held> {
    const { name, namespace, uid } = pod.metadata;
    const seconds = source.expirationSeconds ?? DEFAULT_LIFE;
    const began = clock();
    const answer = await client.create<TokenRequest>(
      SERVICE_ACCOUNTS,
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: { name: pod.spec.serviceAccountName ?? 'default', namespace },
        spec: {
          ...(source.audience ? { audiences: [source.audience] } : {}),
          expirationSeconds: seconds,
          boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid },
        },
      },
      { subresource: 'token' },
    );
    if (!answer.status?.token) throw new Error('the API server answered without a token');
    const expires = Date.parse(answer.status.expirationTimestamp) || began + seconds * SECOND;
    const refreshAt = began + Math.min((expires - began) * REFRESH_AT, DAY);
    const token = { token: answer.status.token, expires, refreshAt };
    const ofPod = held.get(uid) ?? new Map<string, Held>();
    held.set(uid, ofPod.set(tokenKey(source), token));
    return token;
  }

  /** Several volumes of a pod, or several looks at it, are one request. */
  function requestOnce(pod: Pod, source: TokenSource): Promise<Held> {
    const key = `${pod.metadata.uid}/${tokenKey(source)}`;
    const running = asked.get(key) ?? request(pod, source).finally(() => asked.delete(key));
    asked.set(key, running);
    return running;
  }

  return {
    async token(pod, source): Promise<PodToken> {
      const present = held.get(pod.metadata.uid)?.get(tokenKey(source));
      const now = clock();
      if (present !== undefined && now < present.refreshAt) return present;
      try {
        return await requestOnce(pod, source);
      } catch (error) {
        const { message } = error as Error;
        if (present !== undefined) {
          // An old token is better than none, also when it has run out: the server's own refusal says so then.
          log.error("Couldn't update token, will retry", { pod: formatPod(pod), err: message });
          return { ...present, refreshAt: now + RETRY };
        }
        if (!isUnserved(error)) throw new Error(`failed to fetch token: ${message}`, { cause: error });
        return { token: '', refreshAt: now + RETRY, problem: `failed to fetch token: ${message}` };
      }
    },
    forget(podUid) {
      held.delete(podUid);
    },
  };
}

/** The server does not know the subresource; for an account or a pod that is missing it would name it. */
function isUnserved(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.code === 405 || (error.code === 404 && error.status.details?.name === undefined);
}
