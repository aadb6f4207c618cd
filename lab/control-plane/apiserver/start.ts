import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type Kind, Registry, resourceKey } from '../registry/index.ts';
import { type Engine, entryType, type LogBounds, openEngine, Store } from '../store/index.ts';
import { type Token, tokenAuthenticator } from './auth.ts';
import type { ServerState } from './context.ts';
import { klog, type Log } from './log.ts';
import { ApiHttpServer } from './server.ts';
import { keepSystemObjects } from './system-objects.ts';

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
  const engine = options.engine ?? openEngine(join(options.dataDir ?? '/var/lib/apiserver', 'store'));
  const store = new Store({ engine, types, ...(options.logBounds && { logBounds: options.logBounds }) });
  const state: ServerState = {
    store,
    registry,
    settings: {
      serviceCIDR: options.serviceCIDR ?? '10.96.0.0/16',
      podCIDR: options.podCIDR ?? '192.168.0.0/16',
      nodePortRange: options.nodePortRange ?? [30000, 32767],
      advertiseAddress: options.advertiseAddress ?? ownAddress(),
      securePort: options.securePort === undefined || options.securePort === 0 ? 6443 : options.securePort,
    },
    now: options.now ?? (() => new Date()),
    random: options.random ?? Math.random,
  };
  const http = new ApiHttpServer(state, {
    key: options.key,
    cert: options.cert,
    authenticator: tokenAuthenticator(options.tokens),
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

/** The host's first address that is not loopback: endpoints may not be in 127.0.0.0/8. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '192.0.2.1';
}
