import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeApi } from '../../../api/client/fake.ts';
import {
  type ApiClient,
  type Clock,
  ENDPOINT_SLICES,
  NAMESPACES,
  PODS,
  SERVICES,
  systemClock,
} from '../../../api/client/index.ts';
import { DnsServer } from '../program/dns-server.ts';
import { type FixtureObjects, PAPER_OBJECTS } from '../zone/fixture.ts';

/** kubeadm's Corefile on ports of loopback, with `log`. @param upstream where other names go */
export const corefile = (upstream: string, more = '') => `.:0 {
    bind 127.0.0.1
    errors
    log
    health 127.0.0.1:0
    ready 127.0.0.2:0
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus 127.0.0.3:0
    forward . ${upstream} {
        max_concurrent 1000
    }
    cache 30
    loop
    reload 2s
    loadbalance
    ${more}
}
`;

export async function loadedApi(objects: Required<FixtureObjects> = PAPER_OBJECTS): Promise<FakeApi> {
  const api = new FakeApi();
  await api.load(NAMESPACES, ...objects.namespaces);
  await api.load(SERVICES, ...objects.services);
  await api.load(ENDPOINT_SLICES, ...objects.slices);
  await api.load(PODS, ...objects.pods);
  return api;
}

export interface LabServer {
  readonly server: DnsServer;
  readonly api: FakeApi;
  readonly port: number;
  readonly lines: string[];
  /** Resolves with the first line that has this in it, also one that is already there. */
  said(part: string): Promise<string>;
  writeCorefile(text: string): Promise<void>;
  stop(): Promise<void>;
}

const DEADLINE_MS = 10_000;

export interface LabServerOptions {
  readonly api?: FakeApi;
  /** Instead of the API itself, where something stands between. */
  readonly client?: ApiClient;
  readonly clock?: Clock;
}

/** coredns on loopback, in this process. */
export async function labServer(text: string, options: LabServerOptions = {}): Promise<LabServer> {
  const folder = await mkdtemp(join(tmpdir(), 'hoplab-dns-'));
  const conf = join(folder, 'Corefile');
  await writeFile(conf, text);
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const api = options.api ?? (await loadedApi());
  const server = new DnsServer({
    conf,
    clock: options.clock ?? systemClock,
    client: () => options.client ?? api,
    localAddresses: ['192.168.8.207'],
    write: (line) => {
      lines.push(line);
      for (const listener of [...listeners]) listener();
    },
  });
  await server.start();
  return {
    server,
    api,
    port: server.port() ?? 0,
    lines,
    writeCorefile: async (changed) => {
      await writeFile(`${conf}.new`, changed);
      await rename(`${conf}.new`, conf);
    },
    said: (part) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => finish(undefined), DEADLINE_MS);
        const finish = (line: string | undefined) => {
          clearTimeout(timer);
          listeners.delete(look);
          if (line === undefined) reject(new Error(`no ${JSON.stringify(part)} in:\n${lines.join('\n')}`));
          else resolve(line);
        };
        const look = () => {
          const line = lines.find((one) => one.includes(part));
          if (line !== undefined) finish(line);
        };
        listeners.add(look);
        look();
      }),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
