import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadTopology } from '../../lab/topology/index.ts';
import { IKS } from './topologies.ts';

/** One tcpdump on one of the host's interfaces, collecting the lines of packets that match. */
class Watcher {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;

  constructor(device: string, filter: string) {
    this.#child = spawn('tcpdump', ['-l', '-n', '-e', '-i', device, filter]);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.lines.push(...text.split('\n').filter((line) => line !== ''));
    });
  }

  /** Resolves when packets are being captured. */
  async started(): Promise<void> {
    const stderr = this.#child.stderr?.setEncoding('utf8');
    if (!stderr) throw new Error('tcpdump has no stderr');
    let said = '';
    for await (const text of stderr.iterator({ destroyOnReturn: false })) {
      said += text;
      if (said.includes('listening on')) return;
    }
    throw new Error(`tcpdump ended: ${said}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    await gone;
  }
}

function uplinks(): string[] {
  const routes = execFileSync('ip', ['-4', 'route', 'show', 'default'], { encoding: 'utf8' });
  return [...routes.matchAll(/ dev (\S+)/g)].flatMap(([, device]) => device ?? []);
}

const installed = (program: string) => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/**
 * Captures on the host's uplinks whatever carries an address of the lab, and with the same filter on the lab's own
 * bridges, to prove that the capture would see such packets.
 */
export class UplinkWatch {
  /** Why there is no watch, e.g. no tcpdump on the host. */
  readonly unavailable: string | undefined;
  readonly #filter: string;
  readonly #uplinks: Watcher[] = [];
  #bridge: Watcher | undefined;

  private constructor(filter: string, unavailable?: string) {
    this.#filter = filter;
    this.unavailable = unavailable;
  }

  static async start(): Promise<UplinkWatch> {
    const { nodes, router, hosts, cluster } = await loadTopology(IKS);
    const links = [
      ...nodes.map((node) => node.interface),
      ...router.interfaces,
      ...Object.values(hosts).map((host) => host.interface),
    ];
    const filter = [...links.map(({ address }) => `host ${address}`), `net ${cluster.podCIDR}`].join(' or ');
    if (process.getuid?.() !== 0)
      return new UplinkWatch(filter, 'skipped: not root, so the uplink cannot be captured');
    if (!installed('tcpdump')) return new UplinkWatch(filter, 'skipped: the host has no tcpdump');
    const devices = uplinks();
    if (devices.length === 0) return new UplinkWatch(filter, 'skipped: the host has no uplink to capture on');
    const watch = new UplinkWatch(filter);
    for (const device of devices) {
      const watcher = new Watcher(device, filter);
      watch.#uplinks.push(watcher);
      await watcher.started();
    }
    return watch;
  }

  /** Starts the counter-proof on a bridge of the lab. */
  async watchBridge(device: string): Promise<void> {
    if (this.unavailable) return;
    this.#bridge = new Watcher(device, this.#filter);
    await this.#bridge.started();
  }

  /** Packets of the lab on any uplink. */
  packetsOnUplinks(): string[] {
    return this.#uplinks.flatMap(({ lines }) => lines);
  }

  /** Packets of the lab on its own bridge. */
  packetsOnBridge(): number {
    return this.#bridge?.lines.length ?? 0;
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.#uplinks, ...(this.#bridge ? [this.#bridge] : [])].map((watcher) => watcher.stop()),
    );
  }
}
