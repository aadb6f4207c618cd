import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { CALICO_STATUS_PATH, type TunnelStatus } from '../../../api/calico-status.ts';
import type { ApiClient } from '../../../api/client/index.ts';
import type { ClusterConfig, NodeConfig } from '../../../api/cluster.ts';
import { run, writeAtomically } from '../../../node/shell/index.ts';
import { birdSessions, reconfigureBird, startBird, writeBirdConfig } from '../bird/bird.ts';
import { renderBirdConfig } from '../bird/config.ts';
import { ApiDatastore } from '../datastore/index.ts';
import { Felix } from '../felix/index.ts';
import { IPAM_RESOURCES, Ipam, poolConfig } from '../ipam/index.ts';
import { followAffinities, quietly } from './api-watch.ts';
import { BackOff } from './back-off.ts';
import { claimAddress, isController, tidyUp } from './claim.ts';
import { installCni } from './install-cni.ts';
import { tellCalicoIsUp } from './node-condition.ts';
import { configuredObjects, ensureConfigured } from './pool-objects.ts';
import { untilReachable } from './reachable.ts';
import { serially } from './serially.ts';
import { followSessions } from './sessions.ts';
import { calicoStatus, type StatusInput } from './status.ts';
import { configureTunnel, followTunnel, readRoutesAgain } from './tunnel-device.ts';

/** Written by the node's boot script: `kernel` or `user`. */
const DATA_PLANE = '/run/hoplab/tunl0';
/** The node's blocks, `birdc configure` and the watch of tunl0 are tried again after so many milliseconds, and at the longest. */
const RETRY_MS = [100, 5000] as const;

export interface CalicoNodeOptions {
  readonly cluster: ClusterConfig;
  readonly self: NodeConfig;
  readonly client: ApiClient;
  /** Where the client's configuration is; the CNI plugin gets the same. */
  readonly clientFile: string;
  readonly log: (line: string) => void;
}

/** Everything calico-node does on one node: reacts to its blocks and sessions, and tells the state. */
export class CalicoNode {
  readonly #cluster: ClusterConfig;
  readonly #self: NodeConfig;
  readonly #log: (line: string) => void;
  readonly #logQuietly: (line: string) => void;
  readonly #client: ApiClient;
  readonly #clientFile: string;
  readonly #ipam: Ipam;
  readonly #felix: Felix;
  readonly #readSessions: () => void;
  readonly #followBlocks: () => void;
  readonly #followDevice: () => void;
  readonly #blocksRetry: BackOff;
  readonly #monitorRetry: BackOff;
  #state: StatusInput;
  #bird: ChildProcess | undefined;
  #address: string | undefined;
  #blocksChanged = () => {};
  /** BIRD has not been told yet of the files as they are. */
  #birdOutdated = false;
  #stopping = false;
  /** The API has been told that this node's network is up. */
  #told = false;
  #written: Promise<void> = Promise.resolve();

  constructor({ cluster, self, client, clientFile, log }: CalicoNodeOptions) {
    this.#cluster = cluster;
    this.#self = self;
    this.#log = log;
    this.#logQuietly = quietly(log);
    this.#client = client;
    this.#clientFile = clientFile;
    this.#ipam = new Ipam(new ApiDatastore(client, IPAM_RESOURCES), poolConfig(cluster));
    this.#felix = new Felix({ client, cluster, self, log: this.#logQuietly });
    const report = (error: unknown) => this.#log(`error: ${error instanceof Error ? error.message : error}`);
    this.#followBlocks = serially(() => this.#refreshBlocks(), report);
    this.#followDevice = serially(() => this.#refreshTunnel(), report);
    this.#blocksRetry = new BackOff(...RETRY_MS, this.#followBlocks);
    this.#monitorRetry = new BackOff(...RETRY_MS, () => this.#monitorTunnel());
    this.#state = {
      node: self.name,
      felixDone: false,
      cniInstalled: false,
      birdRunning: false,
      peers: cluster.nodes.filter(({ name }) => name !== self.name).map(({ address }) => address),
      blocks: [],
      sessions: [],
    };
    this.#readSessions = followSessions(this.#state.peers.length > 0, {
      ask: birdSessions,
      onAnswer: (sessions) => this.#setState({ sessions, birdSilent: false }),
      onSilence: () => {
        this.#log('error: birdc show protocols gets no answer');
        return this.#setState({ birdSilent: true });
      },
      onError: report,
    });
  }

  /** Brings the node's network up: address, guards, tunnel, routes, and then pods may come. */
  async start(): Promise<void> {
    await this.#setState({});
    // The CNI plugin claims a further block when the first is full; BIRD must then announce it.
    followAffinities(
      this.#client,
      (node) => {
        this.#blocksChanged();
        if (node === this.#self.nodeName) this.#followBlocks();
      },
      (error) => this.#logQuietly(`error: cannot follow block affinities: ${(error as Error).message}`),
    );
    const encapsulated = this.#cluster.encapsulation !== 'Never';
    if (encapsulated) this.#monitorTunnel();
    // At once: one talks to the API, the other to the kernel.
    const [address] = await Promise.all([this.#withApi(() => this.#claimAddress()), this.#felix.start()]);
    // Not before cali-INPUT guards it: the kernel's device lets anybody's IP-in-IP in as soon as it is up.
    if (encapsulated) await this.#configureTunnel(address);
    // Pods are not to come before Felix knows those that it has to let pass.
    await this.#felix.inSync;
    await this.#setState({ felixDone: true });
    // Not before tunl0 is there: BIRD's import filter refuses a route through a device that it does not know ("Invalid
    // gw address"), and a peer that has waited for this node sends its routes at once and once only.
    await this.#startBird();
    await installCni(this.#cluster, this.#self.nodeName, this.#clientFile);
    await this.#setState({ cniInstalled: true });
    this.#followBlocks();
  }

  /**
   * Ends BIRD by a graceful restart: the peers keep this node's routes for a while and the kernel keeps theirs,
   * so that pods are reached while calico-node is replaced (RFC 4724).
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#felix.stop();
    await run(['birdc', 'graceful', 'restart']).catch(() => this.#bird?.kill('SIGKILL'));
  }

  /** For what the node cannot do without: waits for an API that is away, and tells so. */
  async #withApi<T>(action: () => Promise<T>): Promise<T> {
    const result = await untilReachable(action, async ({ message }) => {
      this.#logQuietly(`error: the API cannot be reached: ${message}`);
      await this.#setState({ apiProblem: `the API cannot be reached: ${message}` });
    });
    if (this.#state.apiProblem !== undefined) await this.#setState({ apiProblem: undefined });
    return result;
  }

  async #claimAddress(): Promise<string> {
    for (const wanted of configuredObjects(this.#cluster)) await ensureConfigured(this.#client, wanted);
    const released = isController(this.#cluster, this.#self) && (await tidyUp(this.#ipam, this.#cluster));
    if (released) this.#log(released);
    const address = await claimAddress({
      ipam: this.#ipam,
      cluster: this.#cluster,
      self: this.#self,
      changed: () =>
        new Promise((resolve) => {
          this.#blocksChanged = resolve;
        }),
      onHeld: async (blockProblem) => {
        if (blockProblem === this.#state.blockProblem) return;
        if (blockProblem !== undefined) this.#log(`error: ${blockProblem}`);
        await this.#setState({ blockProblem });
      },
    });
    const blocks = await this.#ipam.blocksOfNode(this.#self.nodeName);
    await this.#setState({ blocks });
    this.#log(`blocks ${blocks.join(' ')}, tunl0 ${address}`);
    return address;
  }

  /** Configures the device, and from here on keeps it as it should be. */
  async #configureTunnel(address: string): Promise<void> {
    // Alone: what it changes makes events as well, and whoever followed them would meet it half-way.
    await this.#noteTunnel(address, await configureTunnel(address, this.#cluster.mtu));
    this.#address = address;
    this.#followDevice();
  }

  async #refreshTunnel(): Promise<void> {
    const address = this.#address;
    if (address === undefined) return;
    await this.#noteTunnel(address, await configureTunnel(address, this.#cluster.mtu));
  }

  async #noteTunnel(address: string, present: boolean): Promise<void> {
    const tunnelGone = !present;
    const before = this.#state.tunnelGone;
    if (tunnelGone === before) return;
    if (tunnelGone) {
      this.#log(
        'error: tunl0 is gone; where the kernel has none tunl0d provides it, see /var/log/tunl0d.log',
      );
      return this.#setState({ tunnel: undefined, tunnelGone });
    }
    const dataPlane = (await readFile(DATA_PLANE, 'utf8')).trim() as TunnelStatus['dataPlane'];
    const tunnel = { device: 'tunl0', dataPlane, address, mtu: this.#cluster.mtu } as const;
    await this.#setState({ tunnel, tunnelGone });
    if (!before) return;
    this.#log('tunl0 is back');
    if (this.#state.birdRunning) await readRoutesAgain();
  }

  #monitorTunnel(): void {
    const onEvent = () => {
      this.#monitorRetry.succeeded();
      this.#followDevice();
    };
    followTunnel(onEvent, (reason) => {
      if (this.#stopping) return;
      this.#log(`ip monitor link ended: ${reason}`);
      this.#monitorRetry.failed();
    });
    // What happened while nobody watched.
    this.#followDevice();
  }

  async #startBird(): Promise<void> {
    await this.#writeBirdConfig();
    this.#bird = await startBird({
      onLog: (line) => this.#log(`bird: ${line}`),
      onSessionEvent: this.#readSessions,
      onExit: (reason) => {
        if (this.#stopping) return;
        // The kubelet restarts the pod, with its back-off; routes stay meanwhile (persist).
        this.#log(`BIRD ended: ${reason}`);
        process.exit(1);
      },
    });
    await this.#setState({ birdRunning: true });
  }

  #writeBirdConfig(): Promise<boolean> {
    const { blocks } = this.#state;
    return writeBirdConfig(renderBirdConfig({ cluster: this.#cluster, self: this.#self, blocks }));
  }

  async #refreshBlocks(): Promise<void> {
    // Until then the claim is under way, and BIRD starts with what it brings.
    if (!this.#state.birdRunning) return;
    try {
      await this.#announceBlocks();
      this.#blocksRetry.succeeded();
    } catch (error) {
      this.#blocksRetry.failed();
      throw error;
    }
  }

  async #announceBlocks(): Promise<void> {
    const blocks = await this.#ipam.blocksOfNode(this.#self.nodeName);
    if (blocks.join() !== this.#state.blocks.join()) {
      this.#log(`blocks are now ${blocks.join(' ')}`);
      await this.#setState({ blocks });
    }
    if (await this.#writeBirdConfig()) this.#birdOutdated = true;
    if (!this.#birdOutdated) return;
    await reconfigureBird();
    this.#birdOutdated = false;
  }

  /** Once, when everything is up for the first time. */
  #tell(): void {
    this.#told = true;
    const tell = () => tellCalicoIsUp(this.#client, this.#self.nodeName);
    void untilReachable(tell, async ({ message }) =>
      this.#logQuietly(`error: the node's condition cannot be set: ${message}`),
    ).catch((error: Error) => this.#log(`error: the node's condition cannot be set: ${error.message}`));
  }

  /** Notes a change and resolves when the status file tells it; files are written in the order of the changes. */
  #setState(change: Partial<StatusInput>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    const status = calicoStatus(this.#state);
    if (status.ready && !this.#told) this.#tell();
    const text = `${JSON.stringify(status)}\n`;
    this.#written = this.#written.then(() => writeAtomically(CALICO_STATUS_PATH, text));
    return this.#written;
  }
}
