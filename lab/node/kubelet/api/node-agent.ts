import {
  type ApiClient,
  type EventRecorder,
  isAlreadyExists,
  isConflict,
  isNotFound,
  LEASES,
  microTime,
  NODES,
} from '../../../api/client/index.ts';
import type { Condition, Lease, Node } from '../../../api/objects/index.ts';
import type { Clock } from '../backoff.ts';
import { log } from '../log.ts';
import type { NodeReport, StatusSink } from '../status-sink.ts';
import type { NodeOwner } from './mirror-pod.ts';
import {
  initialNode,
  type NodeFacts,
  type NodeIdentity,
  nodeConditions,
  nodeLabels,
  nodeStatus,
} from './node-object.ts';

const SECOND = 1000;
const LEASE_NAMESPACE = 'kube-node-lease';
const DEFAULT_HEARTBEAT = 10;
/** A lease is good for so many heartbeats: 40 s for 10 s, as the real kubelet's. */
const LEASE_BEATS = 4;
/** How often an unchanged status is written all the same. nodeStatusReportFrequency. */
const REPORT_EVERY = 300 * SECOND;
/** How often the node's object is compared with what was reported. nodeStatusUpdateFrequency. */
const COMPARE_EVERY = 10 * SECOND;
const FIRST_RETRY = 100;
const LAST_RETRY = 5 * SECOND;

export interface NodeAgentOptions {
  readonly identity: NodeIdentity;
  readonly facts: NodeFacts;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly heartbeatSeconds?: number | undefined;
  /** Called when the node is registered, and again should it have become another object. */
  readonly registered?: (node: NodeOwner) => void;
}

/** Registers the node, reports its status on every change, and renews its lease. */
export class NodeAgent implements StatusSink {
  readonly #client: ApiClient;
  readonly #options: NodeAgentOptions;
  readonly #heartbeat: number;
  #ready: boolean | undefined;
  #reported: { readonly ready: boolean; readonly at: number } | undefined;
  #node: Node | undefined;
  #lease: Lease | undefined;
  #comparedAt = 0;
  #renewedAt = 0;
  #busy = false;
  #again = false;
  #retry: NodeJS.Timeout | undefined;
  #retryIn = FIRST_RETRY;
  #said = '';
  #beat: NodeJS.Timeout | undefined;

  constructor(client: ApiClient, options: NodeAgentOptions) {
    this.#client = client;
    this.#options = options;
    this.#heartbeat = (options.heartbeatSeconds ?? DEFAULT_HEARTBEAT) * SECOND;
  }

  /** The node's object, undefined until it is registered. */
  get owner(): NodeOwner | undefined {
    const uid = this.#node?.metadata.uid;
    return uid === undefined ? undefined : { name: this.#options.identity.nodeName, uid };
  }

  start(): void {
    this.#event('Normal', 'Starting', 'Starting kubelet.');
    this.#look();
    this.#beat = setInterval(() => this.#look(), this.#heartbeat);
  }

  stop(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#retry);
  }

  publish(report: NodeReport): void {
    if (report.ready === this.#ready) return;
    this.#ready = report.ready;
    if (this.#beat !== undefined) this.#look();
  }

  #look(): void {
    this.#again = true;
    if (!this.#busy) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    clearTimeout(this.#retry);
    try {
      while (this.#again) {
        this.#again = false;
        await this.#sync();
        this.#retryIn = FIRST_RETRY;
        this.#said = '';
      }
    } catch (error) {
      const said = (error as Error).message;
      // Once per reason: a kubelet may run for long before its API server does.
      if (said !== this.#said) {
        log.error('Unable to register or update node', { node: this.#options.identity.nodeName, err: said });
      }
      this.#said = said;
      this.#retry = setTimeout(() => this.#look(), this.#retryIn);
      this.#retryIn = Math.min(this.#retryIn * 2, LAST_RETRY);
    } finally {
      this.#busy = false;
    }
  }

  async #sync(): Promise<void> {
    if (this.#node === undefined) await this.#register();
    try {
      await this.#report();
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Somebody has deleted the node; it is still here.
      this.#node = undefined;
      this.#reported = undefined;
      this.#again = true;
      return;
    }
    await this.#renewLease();
  }

  async #register(): Promise<void> {
    const { identity, facts, registered } = this.#options;
    const wanted = initialNode(identity, facts);
    try {
      this.#node = await this.#client.create<Node>(NODES, wanted);
      log.info('Successfully registered node', { node: identity.nodeName });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const labels = nodeLabels(identity, facts.architecture);
      this.#node = await this.#client.patch<Node>(NODES, identity.nodeName, undefined, {
        metadata: { labels },
      });
      log.info('Node was previously registered', { node: identity.nodeName });
    }
    const owner = this.owner;
    if (owner !== undefined) registered?.(owner);
  }

  async #report(): Promise<void> {
    const { identity, facts, clock } = this.#options;
    const now = clock();
    const ready = this.#ready ?? false;
    if (this.#reported?.ready === ready) await this.#compare(ready, now);
    const last = this.#reported;
    if (last?.ready === ready && now - last.at < REPORT_EVERY) return;
    const before = (this.#node?.status?.conditions ?? []) as readonly Condition[];
    const status = nodeStatus(identity, facts, nodeConditions(ready, before, now));
    this.#node = await this.#client.patch<Node>(
      NODES,
      identity.nodeName,
      undefined,
      { status },
      { type: 'strategic', subresource: 'status' },
    );
    this.#reported = { ready, at: now };
    if (last?.ready !== ready) {
      const reason = ready ? 'NodeReady' : 'NodeNotReady';
      this.#event('Normal', reason, `Node ${identity.nodeName} status is now: ${reason}`);
    }
  }

  /**
   * Others write to the node too: the life-cycle controller puts Unknown over the conditions of one that was silent for too
   * long, and a kubelet that only had no processor time for a while has to take that back. Every so often, as the real
   * kubelet, and at once when its lease was over.
   */
  async #compare(ready: boolean, now: number): Promise<void> {
    const hasLapsed = now - this.#renewedAt >= this.#heartbeat * LEASE_BEATS;
    if (!hasLapsed && now - this.#comparedAt < COMPARE_EVERY) return;
    this.#comparedAt = now;
    this.#node = await this.#client.get<Node>(NODES, this.#options.identity.nodeName);
    const shown = this.#node.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    if (shown !== (ready ? 'True' : 'False')) this.#reported = undefined;
  }

  async #renewLease(): Promise<void> {
    const { identity, clock } = this.#options;
    const name = identity.nodeName;
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: Math.ceil((this.#heartbeat / SECOND) * LEASE_BEATS),
      renewTime: microTime(clock()),
    };
    try {
      this.#lease ??= await this.#client.get<Lease>(LEASES, name, LEASE_NAMESPACE);
      this.#lease = await this.#client.update<Lease>(LEASES, { ...this.#lease, spec });
      this.#renewedAt = clock();
    } catch (error) {
      this.#lease = undefined;
      if (isConflict(error)) {
        this.#again = true;
        return;
      }
      if (!isNotFound(error)) throw error;
      const owner = this.owner;
      this.#lease = await this.#client.create<Lease>(LEASES, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {
          name,
          namespace: LEASE_NAMESPACE,
          ...(owner ? { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', ...owner }] } : {}),
        },
        spec,
      });
    }
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { nodeName } = this.#options.identity;
    // The kubelet takes the name for the uid: it may have to speak before it is registered.
    this.#options.recorder.event({ kind: 'Node', name: nodeName, uid: nodeName }, type, reason, message);
  }
}
