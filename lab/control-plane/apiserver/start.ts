import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type Kind, Registry, resourceKey } from '../registry/index.ts';
import { type Engine, entryType, type LogBounds, openEngine, Store } from '../store/index.ts';
import { type Token, tokenAuthenticator } from './auth.ts';
import type { ServerState } from './context.ts';
import { klog, type Log } from './log.ts';
import { ApiHttpServer } from './server.ts';
import { keepSystemObjects } from './system-objects.ts';
import {
  type Find,
  loadSigningKey,
  newSigningKey,
  ServiceAccountTokens,
  type SigningKey,
} from './tokens/index.ts';

export interface ApiServerOptions {
  readonly kinds: readonly Kind[];
  /** PEM. */
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  readonly tokens: readonly Token[];
  /** Where the store lies; or an engine of the caller's. */
  readonly dataDir?: string;
  readonly engine?: Engine;
  readonly bindAddress?: string;
  /** 0 takes a free one. */
  readonly securePort?: number;
  readonly advertiseAddress?: string;
  readonly serviceCIDR?: string;
  readonly podCIDR?: string;
  readonly nodePortRange?: readonly [number, number];
  readonly notReadyTolerationSeconds?: number;
  readonly unreachableTolerationSeconds?: number;
  /** What signs the tokens of service accounts; `service-account.key` in the data directory, made at the first start. */
  readonly signingKeyFile?: string;
  readonly kubelet?: { readonly ca?: string; readonly token?: string; readonly port?: number };
  readonly logBounds?: LogBounds;
  readonly log?: Log;
  readonly now?: () => Date;
  readonly random?: () => number;
}

export interface ApiServer {
  readonly port: number;
  readonly url: string;
  readonly store: Store;
  /** Waits for requests and writes under way. */
  close(): Promise<void>;
}

const DEFAULT_DATA_DIR = '/var/lib/apiserver';
/** kube-apiserver's default of both flags. */
const DEFAULT_TOLERATION_SECONDS = 300;

/** Starts an API server; resolves when it listens and the system's own objects are there. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const log = options.log ?? klog();
  const registry = new Registry(options.kinds);
  const types = new Map(
    options.kinds.map((kind) => [
      resourceKey(kind),
      entryType(kind.kind, kind.group === '' ? kind.version : `${kind.group}/${kind.version}`),
    ]),
  );
  const engine = options.engine ?? openEngine(join(options.dataDir ?? DEFAULT_DATA_DIR, 'store'));
  const store = new Store({
    engine,
    types,
    views: viewsOf(options.kinds),
    ...(options.logBounds && { logBounds: options.logBounds }),
  });
  const now = options.now ?? (() => new Date());
  const find: Find = (resource, namespace, name) =>
    registry.byResource(resource) && store.get(resource, namespace, name)?.object;
  const state: ServerState = {
    store,
    registry,
    tokens: new ServiceAccountTokens(signingKey(options), find, now),
    settings: {
      serviceCIDR: options.serviceCIDR ?? '10.96.0.0/16',
      podCIDR: options.podCIDR ?? '192.168.0.0/16',
      nodePortRange: options.nodePortRange ?? [30000, 32767],
      advertiseAddress: options.advertiseAddress ?? ownAddress(),
      securePort: options.securePort === undefined || options.securePort === 0 ? 6443 : options.securePort,
      notReadyTolerationSeconds: options.notReadyTolerationSeconds ?? DEFAULT_TOLERATION_SECONDS,
      unreachableTolerationSeconds: options.unreachableTolerationSeconds ?? DEFAULT_TOLERATION_SECONDS,
    },
    now,
    random: options.random ?? Math.random,
  };
  const http = new ApiHttpServer(state, {
    key: options.key,
    cert: options.cert,
    authenticator: tokenAuthenticator(options.tokens, (token) => state.tokens.verify(token)),
    kubelet: {
      ca: options.kubelet?.ca,
      token: options.kubelet?.token ?? '',
      port: options.kubelet?.port ?? 10250,
    },
    log,
  });
  const stopKeeping = await keepSystemObjects(state, log);
  const bindAddress = options.bindAddress ?? '0.0.0.0';
  await new Promise<void>((resolve, reject) => {
    http.server.once('error', reject);
    http.server.listen(options.securePort ?? 6443, bindAddress, resolve);
  });
  const address = http.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  log('I', `Serving securely on ${bindAddress}:${port}, revision ${store.revision}`);
  return {
    port,
    url: `https://${bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress}:${port}`,
    store,
    async close() {
      stopKeeping();
      await http.close();
      await store.close();
      log('I', 'Stopped');
    },
  };
}

/** A server whose store is not on disk has nothing that its tokens could outlive. */
function signingKey({ signingKeyFile, dataDir, engine }: ApiServerOptions): SigningKey {
  if (signingKeyFile !== undefined) return loadSigningKey(signingKeyFile);
  if (engine && dataDir === undefined) return newSigningKey();
  return loadSigningKey(join(dataDir ?? DEFAULT_DATA_DIR, 'service-account.key'));
}

/** Kinds that are derived from others; without its source a view has nothing to show. */
function viewsOf(kinds: readonly Kind[]): ReadonlyMap<string, NonNullable<Kind['view']>> {
  const keys = new Set(kinds.map(resourceKey));
  return new Map(
    kinds.flatMap((kind) => (kind.view && keys.has(kind.view.of) ? [[resourceKey(kind), kind.view]] : [])),
  );
}

/** The host's first address that is not loopback: endpoints may not be in 127.0.0.0/8. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '192.0.2.1';
}
