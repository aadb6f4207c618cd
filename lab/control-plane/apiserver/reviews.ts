import type { Authenticator, User } from './auth.ts';
import { type ServerState, timestamp } from './context.ts';
import { decodeKind } from './decode/body.ts';
import { type Answer, jsonAnswer } from './output/answer.ts';
import { isObject } from './patch/merge.ts';
import { ISSUER } from './tokens/index.ts';

/** What the answer to a review may depend on. */
export interface ReviewContext {
  readonly state: ServerState;
  readonly user: User;
  readonly authenticator: Authenticator;
}

/** A kind that is asked and answered, never stored. */
export interface Review {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  status(spec: Record<string, unknown>, context: ReviewContext): unknown;
}

const authentication = { group: 'authentication.k8s.io', version: 'v1' } as const;
const authorization = { group: 'authorization.k8s.io', version: 'v1' } as const;
/** Whoever has a token may do everything. */
const allowed = (): unknown => ({ allowed: true });

/** Reviews of `kubectl auth whoami` and `kubectl auth can-i`, and of programs that let the server check their callers. */
export const REVIEWS: readonly Review[] = [
  {
    ...authentication,
    plural: 'selfsubjectreviews',
    kind: 'SelfSubjectReview',
    status: (_spec, { user }) => ({ userInfo: userInfo(user) }),
  },
  { ...authentication, plural: 'tokenreviews', kind: 'TokenReview', status: reviewToken },
  {
    ...authorization,
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    status: allowed,
  },
  { ...authorization, plural: 'subjectaccessreviews', kind: 'SubjectAccessReview', status: allowed },
  {
    ...authorization,
    plural: 'selfsubjectrulesreviews',
    kind: 'SelfSubjectRulesReview',
    status: () => ({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    }),
  },
];

function userInfo({ name, uid, groups, extra }: User): unknown {
  return { username: name, ...(uid === '' ? {} : { uid }), groups, ...(extra && { extra }) };
}

function reviewToken(
  { token, audiences }: Record<string, unknown>,
  { state, authenticator }: ReviewContext,
): unknown {
  const wanted = Array.isArray(audiences) && audiences.length > 0 ? audiences.map(String) : [ISSUER];
  const text = String(token ?? '');
  const known = wanted.includes(ISSUER) ? authenticator.userOf(text) : undefined;
  const user = known ?? state.tokens.verify(text, wanted);
  if (!user) return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: userInfo(user), audiences: wanted };
}

/** Answers a review. @throws StatusError 400 for another kind, 415 */
export function review(kind: Review, body: Buffer, contentType: string, context: ReviewContext): Answer {
  const value = decodeKind(body, contentType, kind.kind);
  const isSubject = kind.plural === 'selfsubjectreviews';
  return jsonAnswer(
    {
      kind: kind.kind,
      apiVersion: `${kind.group}/${kind.version}`,
      metadata: { creationTimestamp: isSubject ? timestamp(context.state.now()) : null },
      ...(isSubject ? {} : { spec: value.spec ?? {} }),
      status: kind.status(isObject(value.spec) ? value.spec : {}, context),
    },
    201,
  );
}
