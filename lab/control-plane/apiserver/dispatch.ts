import type { ServerResponse } from 'node:http';
import { methodNotAllowed, unknownResource } from '../registry/index.ts';
import type { ResourceRequest } from './context.ts';
import { verbsOf } from './discovery/resources.ts';
import type { Answer } from './output/answer.ts';
import { create } from './verbs/create.ts';
import { remove, removeCollection } from './verbs/delete.ts';
import { parseListOptions } from './verbs/list-options.ts';
import { patch } from './verbs/patch.ts';
import { bind, evict } from './verbs/pod-actions.ts';
import { get, list } from './verbs/read.ts';
import { scale } from './verbs/scale.ts';
import { requestToken } from './verbs/token.ts';
import { update } from './verbs/update.ts';
import { watch } from './verbs/watch.ts';

/** A watch that has begun writes its own answer. */
export type Watching = ReturnType<typeof watch>;

/** Calls the handler of a request's verb. @throws StatusError 404, 405 when there is none */
export async function dispatch(
  request: ResourceRequest,
  response: ServerResponse,
): Promise<Answer | Watching> {
  const { path, served } = request;
  // A name in a namespace that the kind does not have, or the other way round, is no path of its.
  if (path.namespace !== undefined && !served.kind.namespaced) throw unknownResource();
  if (path.watch) return watch(request, parseListOptions(request.query, served.kind, path), response);
  if (path.name === undefined) return collection(request, response);
  if (served.kind.namespaced && path.namespace === undefined) throw unknownResource();
  return path.subresource === undefined ? item(request) : subresource(request, path.subresource);
}

async function collection(request: ResourceRequest, response: ServerResponse): Promise<Answer | Watching> {
  const { method, served, path, query } = request;
  const everywhere = served.kind.namespaced && path.namespace === undefined;
  switch (method) {
    case 'GET': {
      const options = parseListOptions(query, served.kind, { watch: false });
      allow(request, options.watch ? 'watch' : 'list');
      return options.watch ? watch(request, options, response) : list(request, options);
    }
    case 'POST':
      if (everywhere) throw methodNotAllowed();
      allow(request, 'create');
      return create(request);
    case 'DELETE':
      if (everywhere) throw methodNotAllowed();
      allow(request, 'deletecollection');
      return removeCollection(request, parseListOptions(query, served.kind, { watch: false }));
    default:
      throw methodNotAllowed();
  }
}

async function item(request: ResourceRequest): Promise<Answer> {
  switch (request.method) {
    case 'GET':
      allow(request, 'get');
      return get(request);
    case 'PUT':
      allow(request, 'update');
      return update(request, 'main');
    case 'PATCH':
      allow(request, 'patch');
      return patch(request, 'main');
    case 'DELETE':
      allow(request, 'delete');
      return remove(request);
    default:
      throw methodNotAllowed();
  }
}

async function subresource(request: ResourceRequest, name: string): Promise<Answer> {
  const { method, served } = request;
  if (!(served.kind.subresources as readonly string[]).includes(name)) throw unknownResource();
  if (method === 'POST' && name === 'binding') return bind(request);
  if (method === 'POST' && name === 'eviction') return evict(request);
  if (method === 'POST' && name === 'token') return requestToken(request);
  if (name === 'finalize' && method === 'PUT') return update(request, 'finalize');
  if (name === 'scale' && ['GET', 'PUT', 'PATCH'].includes(method)) return scale(request);
  if (name === 'status') {
    if (method === 'GET') return get(request);
    if (method === 'PUT') return update(request, 'status');
    if (method === 'PATCH') return patch(request, 'status');
  }
  throw methodNotAllowed();
}

function allow({ served }: ResourceRequest, verb: string): void {
  if (!verbsOf(served).includes(verb)) throw methodNotAllowed();
}

/** The verb in Kubernetes' words, for metrics. */
export function verbOf(method: string, named: boolean, watching: boolean): string {
  if (watching) return 'WATCH';
  switch (method) {
    case 'GET':
      return named ? 'GET' : 'LIST';
    case 'POST':
      return 'POST';
    case 'DELETE':
      return named ? 'DELETE' : 'DELETECOLLECTION';
    default:
      return method;
  }
}
