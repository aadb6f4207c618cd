import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type ApiClient, type Clock, systemClock } from '../../../api/client/index.ts';
import { type Endpoint, readCorefile, type ServerConfig } from '../corefile/index.ts';
import { type DnsMetrics, dnsMetrics } from '../metrics/index.ts';
import { failure, type Resolver } from '../plugins/index.ts';
import { handle, Listeners, PageServers, type Pages, servingOf, textPage } from '../server/index.ts';
import type { Zone, ZoneOptions } from '../zone/index.ts';
import { type Block, endpointsOf, type Loaded, serverName } from './blocks.ts';
import { chain } from './chain.ts';
import { ClusterWatch } from './cluster-watch.ts';
import { Reporter } from './reporter.ts';
import { watchFile } from './watch-file.ts';

export interface DnsServerOptions {
  /** Path of the Corefile. */
  readonly conf: string;
  /** Port of server blocks that name none. */
  readonly port?: number;
  /** Made when a Corefile asks for the cluster's names. */
  readonly client: () => ApiClient;
  /** Takes lines as CoreDNS writes them to stdout. */
  readonly write: (line: string) => void;
  readonly clock?: Clock;
  /** For tests; the machine's own otherwise. */
  readonly localAddresses?: readonly string[];
}

/** The version whose log and metrics are followed; Kubernetes 1.19 and 1.20 came with it. */
export const VERSION = '1.7.0';
/** As Go calls them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
/** CoreDNS waits so long for the API before it serves without it. */
const SYNC_MS = 5000;

/** CoreDNS: reads a Corefile, follows the API, answers questions, and starts over when the Corefile changes. */
export class DnsServer {
  readonly #options: DnsServerOptions;
  readonly #clock: Clock;
  readonly #metrics: DnsMetrics = dnsMetrics(VERSION);
  readonly #report: Reporter;
  readonly #listeners: Listeners;
  readonly #pages = new PageServers();
  #loaded: Loaded = { text: '', blocks: [], cluster: undefined };
  #stopWatching = () => {};
  #reloading: Promise<void> = Promise.resolve();
  #isLame = false;
  /** A Corefile that was wrong, which is not tried again until it changes. */
  #refused: string | undefined;

  constructor(options: DnsServerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#report = new Reporter(this.#metrics, this.#clock, options.write);
    this.#listeners = new Listeners((at, proto, bytes, remote) =>
      handle(bytes, {
        servings: this.#blocksAt(at),
        proto,
        remote,
        server: serverName(at),
        onHandled: (handled) =>
          this.#report.handled(handled, serverName(at), (handled.serving as Block | undefined)?.config),
        onPanic: (error) => this.#report.panic(error),
      }),
    );
  }

  /**
   * Starts, and resolves when questions are answered: after the API has been read, or 5 s.
   *
   * @throws CorefileError, or Error when an address is taken
   */
  async start(): Promise<void> {
    const loaded = this.#load(readFileSync(this.#options.conf, 'utf8'), undefined);
    this.#loaded = loaded;
    await this.#pages.apply(this.#wantedPages(loaded));
    if (loaded.cluster && !(await isInTime(loaded.cluster.synced, SYNC_MS, this.#clock))) {
      this.#report.warn('plugin/kubernetes: starting server with unsynced Kubernetes API');
    }
    await this.#listeners.apply(endpointsOf(loaded));
    for (const { config } of loaded.blocks) {
      for (const zone of config.zones)
        for (const { port } of config.listen) this.#report.plain(`${zone}:${port}`);
    }
    this.#report.info(`plugin/reload: Running configuration MD5 = ${md5(loaded.text)}`);
    this.#report.plain(`CoreDNS-${VERSION}`);
    this.#report.plain(
      `${process.platform}/${ARCHITECTURES[process.arch] ?? process.arch}, node${process.versions.node}, hoplab`,
    );
    this.#watch();
  }

  /** The port on which questions are taken, for tests that ask for any. */
  port(index = 0): number | undefined {
    const at = this.#loaded.blocks[index]?.config.listen[0];
    return at && this.#listeners.port(at);
  }

  /** As {@link DnsServer.port}, for health, ready and prometheus. */
  pagePort(plugin: 'health' | 'ready' | 'prometheus'): number | undefined {
    const at = this.#loaded.blocks.map(({ config }) => config[plugin]).find((found) => found !== undefined);
    return at && this.#pages.port(at);
  }

  /** Not ready from now on; answers go on for as long as `health` says, so that askers find other servers first. */
  async stop(): Promise<void> {
    this.#stopWatching();
    await this.#reloading;
    this.#isLame = true;
    const lameduckMs = Math.max(
      0,
      ...this.#loaded.blocks.map(({ config }) => config.health?.lameduckMs ?? 0),
    );
    if (lameduckMs > 0) {
      this.#report.info(`plugin/health: Going into lameduck mode for ${lameduckMs / 1000}s`);
      await new Promise<void>((resolve) => this.#clock.after(lameduckMs, resolve));
    }
    await Promise.all([this.#listeners.close(), this.#pages.close()]);
    this.#loaded.cluster?.stop();
  }

  /** Reads the Corefile again. Nothing changes when it is the same, or when it is wrong. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reloadNow());
    return this.#reloading;
  }

  async #reloadNow(): Promise<void> {
    const before = this.#loaded;
    let cluster: ClusterWatch | undefined;
    try {
      const text = readFileSync(this.#options.conf, 'utf8');
      if (text === before.text || text === this.#refused || this.#isLame) return;
      this.#refused = text;
      this.#report.info('Reloading');
      const loaded = this.#load(text, before.cluster);
      cluster = loaded.cluster;
      if (cluster && !(await isInTime(cluster.synced, SYNC_MS, this.#clock))) {
        this.#report.warn('plugin/kubernetes: starting server with unsynced Kubernetes API');
      }
      await this.#listeners.apply([...endpointsOf(before), ...endpointsOf(loaded)]);
      await this.#pages.apply(this.#wantedPages(loaded));
      this.#loaded = loaded;
      this.#refused = undefined;
      await this.#listeners.apply(endpointsOf(loaded));
      if (before.cluster !== cluster) before.cluster?.stop();
      this.#report.info(`plugin/reload: Running configuration MD5 = ${md5(text)}`);
      this.#report.info('Reloading complete');
      this.#watch();
    } catch (error) {
      if (cluster && cluster !== before.cluster) cluster.stop();
      this.#report.reloadFailed(error as Error);
    }
  }

  /** @param running the watch to go on with, if it fits */
  #load(text: string, running: ClusterWatch | undefined): Loaded {
    const { conf, port = 53 } = this.#options;
    const configs = readCorefile(text, conf, { port, env: process.env });
    const cluster = this.#clusterFor(configs, running);
    const localAddresses = this.#options.localAddresses ?? ownAddresses();
    const zone = (options: ZoneOptions): Zone | undefined =>
      cluster?.isSynced ? { options, data: cluster, localAddresses, serial: cluster.serial } : undefined;
    const lookup: Resolver = (question, asker) => {
      const serving = servingOf(question, blocks);
      return serving ? serving.resolve(question, asker) : failure(`nobody serves ${question.name}`);
    };
    const readFile = (path: string) => readFileSync(path, 'utf8');
    const deps = { clock: this.#clock, metrics: this.#metrics, readFile, zone, lookup };
    let blocks: readonly Block[] = [];
    try {
      blocks = configs.map((config) => ({ zones: config.zones, config, resolve: chain(config, deps) }));
    } catch (error) {
      if (cluster !== running) cluster?.stop();
      throw error;
    }
    for (const config of configs) this.#report.plugins(config);
    return { text, blocks, cluster };
  }

  #clusterFor(configs: readonly ServerConfig[], running: ClusterWatch | undefined): ClusterWatch | undefined {
    const asked = configs.flatMap(({ kubernetes }) => kubernetes ?? []);
    if (asked.length === 0) return undefined;
    const withPods = asked.some(({ pods }) => pods === 'verified');
    if (running && (running.pods !== undefined) === withPods) return running;
    const onError = (error: unknown) => this.#report.apiFailed(error);
    return new ClusterWatch(this.#options.client(), { clock: this.#clock, withPods, onError });
  }

  #watch(): void {
    this.#stopWatching();
    const intervals = this.#loaded.blocks.flatMap(({ config }) => config.reload?.intervalMs ?? []);
    if (intervals.length === 0) return;
    this.#stopWatching = watchFile(this.#options.conf, Math.min(...intervals), () => void this.reload());
  }

  #blocksAt({ host, port }: Endpoint): readonly Block[] {
    return this.#loaded.blocks.filter(({ config }) =>
      config.listen.some((at) => at.host === host && at.port === port),
    );
  }

  #wantedPages({ blocks }: Loaded): { at: Endpoint; pages: Pages }[] {
    return blocks.flatMap(({ config: { health, ready, prometheus } }) => [
      ...(health ? [{ at: health, pages: { '/health': () => textPage(200, 'OK') } }] : []),
      ...(ready ? [{ at: ready, pages: { '/ready': () => this.#readyPage() } }] : []),
      ...(prometheus ? [{ at: prometheus, pages: { '/metrics': () => this.#metricsPage() } }] : []),
    ]);
  }

  #readyPage() {
    const { cluster } = this.#loaded;
    if (this.#isLame) return textPage(503, 'Shutting down');
    if (!cluster || cluster.isSynced) return textPage(200, 'OK');
    this.#report.info('plugin/ready: Still waiting on: "kubernetes"');
    return textPage(503, 'kubernetes');
  }

  #metricsPage() {
    return {
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      text: this.#metrics.registry.text(),
    };
  }
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address),
  );

async function isInTime(event: Promise<void>, ms: number, clock: Clock): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(ms, () => resolve(false));
  });
  const result = await Promise.race([event.then(() => true), late]);
  cancel();
  return result;
}
