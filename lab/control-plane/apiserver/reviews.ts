import { badRequest } from '../registry/index.ts';
import type { User } from './auth.ts';
import { timestamp } from './context.ts';
import { decodeBody } from './decode/body.ts';
import { type Answer, jsonAnswer } from './output/answer.ts';

/** A kind that is asked and answered, never stored. */
export interface Review {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  status(spec: unknown, user: User): unknown;
}

/** `kubectl auth whoami` and `kubectl auth can-i`: whoever has a token may do everything. */
export const REVIEWS: readonly Review[] = [
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    plural: 'selfsubjectreviews',
    kind: 'SelfSubjectReview',
    status: (_spec, { name, uid, groups }) => ({
      userInfo: { username: name, ...(uid === '' ? {} : { uid }), groups },
    }),
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    status: () => ({ allowed: true }),
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectrulesreviews',
    kind: 'SelfSubjectRulesReview',
    status: () => ({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    }),
  },
];

/** Answers a review. @throws StatusError 400 for another kind */
export function review(kind: Review, body: Buffer, contentType: string, user: User, now: Date): Answer {
  const value = decodeBody(body, contentType, kind.kind).value as Record<string, unknown>;
  if (value.kind !== undefined && value.kind !== kind.kind)
    throw badRequest(
      `${String(value.kind)} in version "v1" cannot be handled as a ${kind.kind}: unknown conversion`,
    );
  const isSubject = kind.plural === 'selfsubjectreviews';
  return jsonAnswer(
    {
      kind: kind.kind,
      apiVersion: `${kind.group}/${kind.version}`,
      metadata: { creationTimestamp: isSubject ? timestamp(now) : null },
      ...(isSubject ? {} : { spec: value.spec ?? {} }),
      status: kind.status(value.spec, user),
    },
    201,
  );
}
