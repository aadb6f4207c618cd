import type { IncomingMessage } from 'node:http';
import type { KindContext, KubeObject, Registry, ServedKind } from '../registry/index.ts';
import type { Store } from '../store/index.ts';
import type { User } from './auth.ts';
import type { Output } from './output/negotiate.ts';
import type { ResourcePath } from './request-info.ts';
import type { ServiceAccountTokens } from './tokens/index.ts';

/** What of the cluster the server has to know. */
export interface ClusterSettings {
  readonly serviceCIDR: string;
  readonly podCIDR: string;
  readonly nodePortRange: readonly [number, number];
  /** Where other nodes reach this server. */
  readonly advertiseAddress: string;
  readonly securePort: number;
  /** How long a pod stays on a node that is not ready, or not reachable, unless it says so itself: seconds. */
  readonly notReadyTolerationSeconds: number;
  readonly unreachableTolerationSeconds: number;
}

/** The parts that every handler works with. */
export interface ServerState {
  readonly store: Store;
  readonly registry: Registry;
  readonly settings: ClusterSettings;
  readonly tokens: ServiceAccountTokens;
  now(): Date;
  random(): number;
}

/** One authenticated request for a resource. */
export interface ResourceRequest {
  readonly state: ServerState;
  readonly user: User;
  readonly path: ResourcePath;
  readonly served: ServedKind;
  /** Key of the kind in the store. */
  readonly resource: string;
  readonly query: URLSearchParams;
  readonly output: Output;
  readonly method: string;
  readonly contentType: string;
  /** The body, read before the handler runs so that from here to the store nothing awaits. */
  readonly body: Buffer;
  readonly incoming: IncomingMessage;
  /** Adds a `Warning:` header. */
  warn(text: string): void;
}

/** Times in objects have whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** What kinds may ask, answered from the newest accepted state so that two requests never get the same address. */
export function kindContext({ store, settings, now, random }: ServerState): KindContext {
  return {
    now: timestamp(now()),
    serviceCIDR: settings.serviceCIDR,
    podCIDR: settings.podCIDR,
    nodePortRange: settings.nodePortRange,
    random,
    get: (resource, namespace, name): KubeObject | undefined =>
      store.latest(resource, namespace, name)?.object,
    list: (resource, namespace) => store.listLatest(resource, namespace).map((entry) => entry.object),
  };
}
