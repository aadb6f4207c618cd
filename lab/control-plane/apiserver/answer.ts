import type { IncomingMessage, ServerResponse } from 'node:http';
import { methodNotAllowed, resourceKey, StatusError, unknownResource } from '../registry/index.ts';
import type { Authenticator, User } from './auth.ts';
import type { ResourceRequest, ServerState } from './context.ts';
import { mediaType, readBody } from './decode/body.ts';
import type { Discovery } from './discovery/routes.ts';
import { dispatch, type Watching } from './dispatch.ts';
import { health } from './health.ts';
import type { Metrics } from './metrics.ts';
import { type Answer, jsonAnswer, pageNotFound, textAnswer } from './output/answer.ts';
import { negotiate } from './output/negotiate.ts';
import { ownPaths } from './own-paths.ts';
import { isProxied, type KubeletAccess, kubeletTarget, proxyLog } from './proxy.ts';
import type { ResourcePath } from './request-info.ts';
import { REVIEWS, review } from './reviews.ts';
import { bind } from './verbs/pod-actions.ts';

/** One request as it came in. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly resourcePath: ResourcePath | undefined;
  /** Texts of `Warning:` headers, added to as the request is handled. */
  readonly warnings: string[];
}

/** The parts of the server that answers come from. */
export interface Answering {
  readonly state: ServerState;
  readonly authenticator: Authenticator;
  readonly kubelet: KubeletAccess;
  readonly discovery: Discovery;
  readonly metrics: Metrics;
}

/**
 * Finds out who asks for what and answers.
 * @returns a watch writes its answer itself
 * @throws StatusError for every refusal
 */
export async function answer(call: Call, server: Answering): Promise<Answer | Watching> {
  const { request, response, method, path, query, resourcePath } = call;
  const open = health(path, query);
  if (open) return open;
  const user = server.authenticator.authenticate(request);
  if (!resourcePath) return describe(call, server);
  const { state } = server;
  const served = state.registry.find(resourcePath.group, resourcePath.version, resourcePath.plural);
  if (!served) return unserved(call, server, resourcePath, user);
  if (isProxied(resourcePath)) {
    if (resourcePath.subresource !== 'log') throw upgradeRequired();
    if (method !== 'GET') throw methodNotAllowed();
    const target = kubeletTarget(state, resourcePath, query);
    await proxyLog(target, server.kubelet, response);
    return textAnswer('');
  }
  const warning = served.conversion?.warning;
  if (warning !== undefined) call.warnings.push(warning);
  const streams = resourcePath.name === undefined && method === 'GET';
  const output = negotiate(request.headers.accept, streams);
  const resourceRequest: ResourceRequest = {
    ...base(call, state, resourcePath, user, await bodyOf(request, method)),
    served,
    resource: resourceKey(served.kind),
    output,
  };
  return dispatch(resourceRequest, response);
}

function base(call: Call, state: ServerState, path: ResourcePath, user: User, body: Buffer) {
  const { request, method, query, warnings } = call;
  return {
    state,
    user,
    path,
    query,
    method,
    body,
    contentType: mediaType(request),
    incoming: request,
    warn: (text: string): void => {
      if (!warnings.includes(text)) warnings.push(text);
    },
  };
}

/** Paths of the server itself. */
function describe(call: Call, { state, metrics, discovery }: Answering): Answer {
  const { request, method, path } = call;
  if (path === '/metrics') return textAnswer(metrics.render(state.store));
  if (path === '/' || path === '') return jsonAnswer({ paths: ownPaths(state.registry) });
  const found = discovery.answer(path, request.headers.accept ?? '');
  if (!found) return pageNotFound();
  if (method !== 'GET') throw methodNotAllowed();
  return found;
}

/** Paths below a version that no kind answers: reviews, bindings, or nothing. */
async function unserved(call: Call, server: Answering, path: ResourcePath, user: User): Promise<Answer> {
  const { request, method } = call;
  const { state, authenticator } = server;
  const asked = REVIEWS.find(
    ({ group, version, plural }) =>
      group === path.group && version === path.version && plural === path.plural,
  );
  if (asked && path.name === undefined) {
    if (method !== 'POST') throw methodNotAllowed();
    return review(asked, await readBody(request), mediaType(request), { state, user, authenticator });
  }
  const pods = state.registry.find('', 'v1', 'pods');
  if (path.group === '' && path.plural === 'bindings' && path.namespace !== undefined && pods) {
    if (method !== 'POST') throw methodNotAllowed();
    const common = base(call, state, path, user, await readBody(request));
    return bind({ ...common, served: pods, resource: 'pods', output: negotiate(undefined, false) });
  }
  if (path.group === CUSTOM.group && path.plural === CUSTOM.plural && path.name === undefined) {
    if (method !== 'GET') throw methodNotAllowed();
    return jsonAnswer(CUSTOM.none);
  }
  const known =
    state.registry.inVersion(path.group, path.version).length > 0 ||
    REVIEWS.some(({ group, version }) => group === path.group && version === path.version);
  if (!known) return pageNotFound();
  throw unknownResource();
}

/**
 * kubectl asks for these when an object's kind is not in the schema of its version, before it says that no such kind is served;
 * refused, it fails with words about custom resources instead. The kinds here are all built in: the list is empty.
 */
const CUSTOM = {
  group: 'apiextensions.k8s.io',
  plural: 'customresourcedefinitions',
  none: {
    kind: 'CustomResourceDefinitionList',
    apiVersion: 'apiextensions.k8s.io/v1',
    metadata: { resourceVersion: '1' },
    items: [],
  },
} as const;

const NO_BODY = Buffer.alloc(0);

async function bodyOf(request: IncomingMessage, method: string): Promise<Buffer> {
  return method === 'GET' || method === 'HEAD' ? NO_BODY : readBody(request);
}

function upgradeRequired(): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message: 'Upgrade request required' });
}
