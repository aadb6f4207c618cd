import type { ChildProcess } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { CALICO_STATUS_PATH, type TunnelStatus } from '../../../api/calico-status.ts';
import type { ClusterConfig, NodeConfig } from '../../../api/cluster.ts';
import { DATASTORE_PATH } from '../../../node/cni/conf-list.ts';
import { run, writeAtomically } from '../../../node/shell/index.ts';
import { birdSessions, reconfigureBird, startBird, writeBirdConfig } from '../bird/bird.ts';
import { renderBirdConfig } from '../bird/config.ts';
import { FileDatastore } from '../datastore/index.ts';
import { applyStatic, applyTunnel } from '../felix/apply.ts';
import { Ipam, type IpamKinds, poolConfig } from '../ipam/index.ts';
import { installCni } from './install-cni.ts';
import { serially } from './serially.ts';
import { calicoStatus, type StatusInput } from './status.ts';

const AFFINITIES = `${DATASTORE_PATH}/objects/BlockAffinity`;
/** Written by the node's boot script: `kernel` or `user`. */
const DATA_PLANE = '/run/hoplab/tunl0';

/** Everything calico-node does on one node: reacts to its blocks and sessions, and tells the state. */
export class CalicoNode {
  readonly #cluster: ClusterConfig;
  readonly #self: NodeConfig;
  readonly #log: (line: string) => void;
  readonly #ipam: Ipam;
  readonly #readSessions: () => void;
  readonly #followBlocks: () => void;
  #state: StatusInput;
  #bird: ChildProcess | undefined;
  #stopping = false;
  #written: Promise<void> = Promise.resolve();

  constructor(cluster: ClusterConfig, self: NodeConfig, log: (line: string) => void) {
    this.#cluster = cluster;
    this.#self = self;
    this.#log = log;
    this.#ipam = new Ipam(new FileDatastore<IpamKinds>(DATASTORE_PATH), poolConfig(cluster));
    const report = (error: unknown) => this.#log(`error: ${error instanceof Error ? error.message : error}`);
    this.#readSessions = serially(() => this.#refreshSessions(), report);
    this.#followBlocks = serially(() => this.#refreshBlocks(), report);
    this.#state = {
      node: self.name,
      felixDone: false,
      cniInstalled: false,
      birdRunning: false,
      peers: cluster.nodes.filter(({ name }) => name !== self.name).map(({ address }) => address),
      blocks: [],
      sessions: [],
    };
  }

  /** Brings the node's network up. BIRD goes first: its sessions take longest, and only need the node's address. */
  async start(): Promise<void> {
    await this.#setState({});
    const address = await this.#claimAddress();
    await this.#startBird();
    const encapsulated = this.#cluster.encapsulation !== 'Never';
    await Promise.all([
      encapsulated ? this.#configureTunnel(address) : undefined,
      applyStatic({
        podCIDR: this.#cluster.podCIDR,
        natOutgoing: this.#cluster.natOutgoing,
        encapsulated,
        hosts: this.#cluster.nodes.map((node) => node.address),
      }),
      mkdir(AFFINITIES, { recursive: true }),
    ]);
    await this.#setState({ felixDone: true });
    await installCni(this.#cluster, this.#self.nodeName);
    await this.#setState({ cniInstalled: true });
    // The CNI plugin claims a further block when the first is full; BIRD must then announce it.
    watch(AFFINITIES, this.#followBlocks);
    this.#followBlocks();
  }

  /**
   * Ends BIRD by a graceful restart: the peers keep this node's routes for a while and the kernel keeps theirs,
   * so that pods are reached while calico-node is replaced (RFC 4724).
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    await run(['birdc', 'graceful', 'restart']).catch(() => this.#bird?.kill('SIGKILL'));
  }

  async #claimAddress(): Promise<string> {
    const address = await this.#ipam.ensureTunnelAddress(this.#self.nodeName);
    const blocks = await this.#ipam.blocksOfNode(this.#self.nodeName);
    await this.#setState({ blocks });
    this.#log(`blocks ${blocks.join(' ')}, tunl0 ${address}`);
    return address;
  }

  async #configureTunnel(address: string): Promise<void> {
    await applyTunnel(address, this.#cluster.mtu);
    const dataPlane = (await readFile(DATA_PLANE, 'utf8')).trim() as TunnelStatus['dataPlane'];
    await this.#setState({ tunnel: { device: 'tunl0', dataPlane, address, mtu: this.#cluster.mtu } });
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
    const blocks = await this.#ipam.blocksOfNode(this.#self.nodeName);
    if (blocks.join() === this.#state.blocks.join()) return;
    this.#log(`blocks are now ${blocks.join(' ')}`);
    await this.#setState({ blocks });
    if (await this.#writeBirdConfig()) await reconfigureBird();
  }

  async #refreshSessions(): Promise<void> {
    await this.#setState({ sessions: await birdSessions() });
  }

  /** Notes a change and resolves when the status file tells it; files are written in the order of the changes. */
  #setState(change: Partial<StatusInput>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    const text = `${JSON.stringify(calicoStatus(this.#state))}\n`;
    this.#written = this.#written.then(() => writeAtomically(CALICO_STATUS_PATH, text));
    return this.#written;
  }
}
