import {
  badRequest,
  conflict,
  type FieldError,
  invalid,
  type KubeObject,
  notFound,
} from '../../registry/index.ts';
import { type ResourceRequest, timestamp } from '../context.ts';
import { decodeKind } from '../decode/body.ts';
import { type Answer, jsonAnswer } from '../output/answer.ts';
import { isObject } from '../patch/merge.ts';
import { ISSUER, type TokenWish } from '../tokens/index.ts';
import { parseDryRun } from './options.ts';
import { find } from './read.ts';

const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

type Bound = Pick<TokenWish, 'pod' | 'secret' | 'node'>;

/**
 * POST of a TokenRequest to `serviceaccounts/NAME/token`: a kubelet that needs a token for a pod, `kubectl create token`
 * (registry/core/serviceaccount/storage/token.go).
 * @throws StatusError 404, 400 and 409 for an object that the token cannot be bound to, 422
 */
export function requestToken(request: ResourceRequest): Answer {
  const { state, path, query } = request;
  parseDryRun(query.getAll('dryRun'), 'CreateOptions');
  const value = decodeKind(request.body, request.contentType, 'TokenRequest');
  const account = find(request).object;
  const { name } = account.metadata;
  const given = isObject(value.metadata) ? value.metadata : {};
  if (given.name && given.name !== name)
    throw badRequest(`service account name mismatch: ${name} vs ${String(given.name)}`);
  const spec = isObject(value.spec) ? value.spec : {};
  const audiences = textsOf(spec.audiences);
  const { expirationSeconds = DEFAULT_SECONDS } = spec as { expirationSeconds?: number };
  check(expirationSeconds);
  const bound = boundTo(request, account, spec.boundObjectRef);
  const { token, expires } = state.tokens.issue({
    namespace: path.namespace ?? '',
    account: { name, uid: account.metadata.uid ?? '' },
    audiences: audiences.length === 0 ? [ISSUER] : audiences,
    expirationSeconds,
    ...bound,
  });
  return jsonAnswer(
    {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace: path.namespace, creationTimestamp: timestamp(state.now()) },
      spec: {
        audiences: audiences.length === 0 ? [ISSUER] : audiences,
        expirationSeconds,
        boundObjectRef: isObject(spec.boundObjectRef) ? spec.boundObjectRef : null,
      },
      status: { token, expirationTimestamp: timestamp(expires) },
    },
    201,
  );
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw wrongType('audiences', '[]string');
}

function wrongType(field: string, type: string): Error {
  return badRequest(
    `TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal into Go struct field TokenRequestSpec.spec.${field} of type ${type}`,
  );
}

/** apis/authentication/validation ValidateTokenRequest. */
function check(seconds: unknown): asserts seconds is number {
  if (!Number.isSafeInteger(seconds)) throw wrongType('expirationSeconds', 'int64');
  const value = seconds as number;
  const errors: FieldError[] = [];
  const refuse = (why: string): void => {
    errors.push({
      reason: 'FieldValueInvalid',
      field: 'spec.expirationSeconds',
      message: `Invalid value: ${value}: ${why}`,
    });
  };
  if (value < MIN_SECONDS) refuse('may not specify a duration less than 10 minutes');
  if (value > MAX_SECONDS) refuse('may not specify a duration larger than 2^32 seconds');
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', name: 'TokenRequest' }, '', errors);
}

/** The object whose life the token shares. */
function boundTo({ state, path }: ResourceRequest, account: KubeObject, reference: unknown): Bound {
  if (!isObject(reference)) return {};
  const { kind, apiVersion, name, uid } = reference as Record<string, string | undefined>;
  const resource = apiVersion === 'v1' ? BINDABLE.get(kind ?? '') : undefined;
  if (resource === undefined)
    throw badRequest(`cannot bind token to object of type ${apiVersion ?? ''}, Kind=${kind ?? ''}`);
  const namespace = resource === 'nodes' ? undefined : path.namespace;
  const object = state.store.get(resource, namespace, name ?? '')?.object;
  const group = { group: '', name: resource };
  if (!object) throw notFound(group, name ?? '');
  if (uid && uid !== object.metadata.uid)
    throw conflict(
      group,
      name ?? '',
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  const bound = { name: object.metadata.name, uid: object.metadata.uid ?? '' };
  if (resource === 'nodes') return { node: bound };
  if (resource === 'secrets') return { secret: bound };
  const { serviceAccountName, nodeName } = (object.spec ?? {}) as Record<string, string | undefined>;
  if (serviceAccountName !== account.metadata.name)
    throw badRequest(
      `cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`,
    );
  const node = nodeName ? state.store.get('nodes', undefined, nodeName)?.object.metadata : undefined;
  return { pod: bound, ...(node && { node: { name: node.name, uid: node.uid ?? '' } }) };
}

const BINDABLE = new Map([
  ['Pod', 'pods'],
  ['Secret', 'secrets'],
  ['Node', 'nodes'],
]);
