import { type ApiClient, ApiError, type ResourceRef, resourcePath } from '../../api/client/index.ts';
import type { ApiObject, Status } from '../../api/objects/index.ts';
import { Connection, type HttpRequest, type ServerAddress } from './connection.ts';

/** What the plugin needs of the API: no watches, no subresources but a pod's status. */
export type ApiCalls = Pick<ApiClient, 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete'>;

/** The API over one connection. @throws {ApiError} for every refusal; Error when there is no answer */
export function apiCalls(address: ServerAddress): ApiCalls {
  const connection = new Connection(address);

  async function call<T>(request: Omit<HttpRequest, 'body'> & { readonly body?: unknown }): Promise<T> {
    const { body, ...rest } = request;
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await connection.send({ ...rest, ...text });
    if (answer.status < 300) return JSON.parse(answer.body) as T;
    throw refusal(answer.status, answer.body);
  }
  const pathOf = (ref: ResourceRef, { metadata: { name = '', namespace } }: ApiObject) =>
    resourcePath(ref, { name, namespace });

  return {
    get: (ref, name, namespace) => call({ method: 'GET', path: resourcePath(ref, { namespace, name }) }),
    async list<T>(ref: ResourceRef) {
      type List = { items?: T[] | null; metadata?: { resourceVersion?: string } };
      const list = await call<List>({ method: 'GET', path: resourcePath(ref) });
      return { items: list.items ?? [], resourceVersion: list.metadata?.resourceVersion ?? '0' };
    },
    create: (ref, object) =>
      call({
        method: 'POST',
        path: resourcePath(ref, { namespace: object.metadata.namespace }),
        body: object,
      }),
    update: (ref, object) => call({ method: 'PUT', path: pathOf(ref, object), body: object }),
    patch: (ref, name, namespace, patch, { subresource } = {}) =>
      call({
        method: 'PATCH',
        path: resourcePath(ref, { namespace, name, subresource }),
        contentType: 'application/merge-patch+json',
        body: patch,
      }),
    delete: (ref, name, namespace, { resourceVersion } = {}) =>
      call({
        method: 'DELETE',
        path: resourcePath(ref, { namespace, name }),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          ...(resourceVersion === undefined ? {} : { preconditions: { resourceVersion } }),
        },
      }),
  };
}

function refusal(code: number, body: string): ApiError {
  let status: Status = {};
  try {
    status = JSON.parse(body) as Status;
  } catch {
    // An answer of something that stands before the API server.
  }
  return new ApiError({ message: `${code} ${body.slice(0, 300)}`, ...status, code });
}
