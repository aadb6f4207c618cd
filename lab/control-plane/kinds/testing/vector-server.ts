import { parseAllDocuments } from 'yaml';
import { type HttpExchange, manifest, manifestNames } from '../../../../test/vectors/load.ts';
import { checkSchema } from '../../apiserver/decode/check-schema.ts';
import {
  type FieldError,
  invalid,
  type Kind,
  type KindContext,
  type KubeObject,
  Registry,
  resourceKey,
  type ServedKind,
  type Status,
  StatusError,
} from '../../registry/index.ts';
import { KINDS } from '../index.ts';
import { patched } from './patched.ts';

/** What one of the recorded requests asks of a kind: create, update, or update of the status. */
export interface Target {
  readonly served: ServedKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly part: 'main' | 'status';
}

export interface Result {
  readonly object?: KubeObject;
  readonly status?: Status;
  readonly warnings: readonly string[];
}

/**
 * As much of an API server as it takes to hold recorded answers against the table of kinds: a map of objects and the order in which
 * defaults, allocation and validation are called.
 */
export class VectorServer {
  readonly registry = new Registry(KINDS);
  readonly #objects = new Map<string, KubeObject>();

  /**
   * @param fixtures with the fixtures of namespace errs, as groups 20 to 34 were recorded; otherwise `manifests/state-main` alone
   */
  constructor(fixtures: boolean) {
    for (const name of manifestNames().filter((each) => each.startsWith('state-main/'))) {
      const list = JSON.parse(manifest(name)) as { items?: KubeObject[]; apiVersion: string; kind: string };
      const { apiVersion } = list;
      const kind = list.kind.replace(/List$/, '');
      for (const item of list.items ?? []) this.put({ ...item, apiVersion, kind });
    }
    for (const document of fixtures ? parseAllDocuments(manifest('errs-fixtures.yaml')) : []) {
      const object = document.toJS() as KubeObject;
      const served = this.#servedOf(object);
      if (served) this.put(started(this.#create(served, structuredClone(object), [])));
    }
  }

  put(object: KubeObject): void {
    const served = this.#servedOf(object);
    if (served) {
      this.#objects.set(
        keyOf(served, object.metadata.namespace, object.metadata.name),
        structuredClone(object),
      );
    }
  }

  /** @returns undefined when the path is not that of an object or collection of a served kind */
  target(path: string): Target | undefined {
    const [, group = '', version = '', namespace, plural = '', name, sub] =
      /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([^/?]+)(?:\/([^/?]+))?(?:\/([^/?]+))?(?:\?.*)?$/.exec(
        path,
      ) ?? [];
    if (sub !== undefined && sub !== 'status') return undefined;
    const served = this.registry.find(group, version, plural);
    return served && { served, namespace, name, part: sub === undefined ? 'main' : 'status' };
  }

  get({ served, namespace, name }: Target): KubeObject | undefined {
    return this.#objects.get(keyOf(served, namespace, name ?? ''));
  }

  /** All objects of a kind, by namespace and name. */
  list(kind: Kind): readonly KubeObject[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(`${resourceKey(kind)}/`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  delete({ served, namespace, name }: Target): void {
    this.#objects.delete(keyOf(served, namespace, name ?? ''));
  }

  answer(
    target: Target,
    { method, body, headers }: Pick<HttpExchange, 'method' | 'body' | 'headers'>,
  ): Result {
    const warnings: string[] = [];
    try {
      if (method === 'POST') {
        const object = JSON.parse(body) as KubeObject;
        object.metadata.namespace ??= target.namespace ?? '';
        if (target.namespace === undefined) delete object.metadata.namespace;
        return { object: this.#create(target.served, object, warnings), warnings };
      }
      const old = this.get(target);
      if (!old) throw new Error('no such object');
      const type = headers['Content-Type'] ?? '';
      const wanted =
        method === 'PUT' ? JSON.parse(body) : patched(old, JSON.parse(body), type, target.served);
      return { object: this.#update(target, wanted as KubeObject, old, warnings), warnings };
    } catch (error) {
      if (error instanceof StatusError) return { status: error.toStatus(), warnings };
      throw error;
    }
  }

  #create(served: ServedKind, object: KubeObject, warnings: string[]): KubeObject {
    const { kind } = served;
    warnings.push(...checkSchema(object, served.schema).map((field) => `unknown field "${field}"`));
    const context = this.#context();
    object.metadata.name ??= '';
    object.metadata.uid = 'new';
    kind.defaults?.(object);
    kind.prepareForCreate?.(object, context);
    this.#check(served, object, kind.validate?.(object, context) ?? []);
    warnings.push(...(kind.warnings?.(object) ?? []));
    return object;
  }

  #update(target: Target, wanted: KubeObject, old: KubeObject, warnings: string[]): KubeObject {
    const { served, part } = target;
    const { kind } = served;
    const context = this.#context();
    warnings.push(...checkSchema(wanted as never, served.schema).map((field) => `unknown field "${field}"`));
    const object = part === 'main' ? wanted : { ...old, status: wanted.status };
    const { creationTimestamp = '', resourceVersion = '', uid = '', namespace = '' } = old.metadata;
    object.metadata = { uid, ...object.metadata, creationTimestamp, resourceVersion };
    if (target.namespace !== undefined) object.metadata.namespace = namespace;
    if (part === 'main') {
      kind.defaults?.(object);
      kind.prepareForUpdate?.(object, old, context);
      this.#check(served, object, kind.validateUpdate?.(object, old, context) ?? []);
      warnings.push(...(kind.warnings?.(object) ?? []));
    } else {
      kind.prepareForStatusUpdate?.(object, old, context);
      this.#check(served, object, kind.validateStatusUpdate?.(object, old, context) ?? []);
    }
    return object;
  }

  #check(served: ServedKind, object: KubeObject, errors: readonly FieldError[]): void {
    if (errors.length > 0) throw invalid(served.groupKind, object.metadata.name, errors);
  }

  #servedOf(object: KubeObject): ServedKind | undefined {
    return this.registry.served.find(
      (each) => each.apiVersion === object.apiVersion && each.kind.kind === object.kind,
    );
  }

  #context(): KindContext {
    return {
      now: '2026-11-20T10:51:38Z',
      serviceCIDR: '10.96.0.0/16',
      podCIDR: '10.244.0.0/16',
      nodePortRange: [30000, 32767],
      get: (resource, namespace, name) =>
        this.#objects.get(`${resource}/${namespace ?? ''}/${name}`) ?? this.#provided(resource, name),
      list: (resource) =>
        [...this.#objects].filter(([key]) => key.startsWith(`${resource}/`)).map(([, object]) => object),
      random: () => 0.5,
    };
  }

  /** What controllers put into every namespace. */
  #provided(resource: string, name: string): KubeObject | undefined {
    const isAccount = resource === 'serviceaccounts' && name === 'default';
    const isAuthority = resource === 'configmaps' && name === 'kube-root-ca.crt';
    return isAccount || isAuthority ? { apiVersion: 'v1', kind: '', metadata: { name } } : undefined;
  }
}

/** The pod of the fixtures had been scheduled and ran when the vectors were recorded. */
function started(object: KubeObject): KubeObject {
  if (object.kind !== 'Pod') return object;
  const podIPs = [{ ip: '10.244.2.10' }];
  return {
    ...object,
    spec: { ...(object.spec as object), nodeName: 'worker2' },
    status: { ...(object.status as object), podIP: '10.244.2.10', podIPs },
  };
}

function keyOf(served: ServedKind, namespace: string | undefined, name: string): string {
  return `${resourceKey(served.kind)}/${namespace ?? ''}/${name}`;
}
