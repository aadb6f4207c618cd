import type { ApiClient, EventRecorder } from '../../../api/client/index.ts';
import { ArpResponder, type ResponderLine } from '../arp/index.ts';
import { Ballot, Gossip, type Message } from '../gossip/index.ts';
import type { GoKitLog } from '../log.ts';
import type { Metric } from '../metrics.ts';
import type { Release } from '../release.ts';
import { ClusterView } from './cluster-view.ts';
import { Counters } from './counters.ts';
import { elect, electionOrder } from './election.ts';
import type { Announcement } from './plan.ts';
import { Reports } from './reports.ts';

export interface SpeakerOptions {
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly log: GoKitLog;
  readonly release: Release;
  /** Kubernetes node name. */
  readonly node: string;
  /** The node's own address. */
  readonly address: string;
  readonly lbClass?: string | undefined;
  readonly responderPath?: string | undefined;
  readonly gossipPort?: number | undefined;
}

/** Five heartbeats may be lost in a row before a speaker is taken for dead. */
const HEARTBEAT_MS = 200;
const LEASE_MS = 1_200;
/** The responder is told anew when a lease has grown by this much. */
const RENEW_MS = 100;
/** How long a clean stop waits for the responder to confirm. */
const STOP_MS = 300;
const GOSSIP_PORT = 7946;

/** CLOCK_MONOTONIC in milliseconds, which arp-responder reads as well. */
const monotonic = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** MetalLB's speaker in layer 2 mode, with a lock on each address (see {@link Ballot}). */
export class Speaker {
  readonly #options: SpeakerOptions;
  readonly #view: ClusterView;
  readonly #responder: ArpResponder;
  readonly #gossip: Gossip;
  readonly #ballot: Ballot;
  readonly #counters = new Counters();
  readonly #reports: Reports;
  /** What the responder has been told, by address. */
  readonly #held = new Map<string, { until: number; announcement: Announcement; interfaces: string }>();
  /** Where speakers were heard from that the API does not tell of. */
  readonly #heardFrom = new Map<string, string>();
  #isSynced = false;
  #said = '';
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #heartbeatAt = 0;
  #stopping = false;
  #onReleased: () => void = () => {};

  constructor(options: SpeakerOptions) {
    this.#options = options;
    const { client, log, release, lbClass } = options;
    this.#ballot = new Ballot({
      self: options.node,
      incarnation: Date.now(),
      startedAt: monotonic(),
      leaseMs: LEASE_MS,
      order: electionOrder,
    });
    this.#view = new ClusterView({
      client,
      release,
      lbClass,
      changed: () => this.#schedule(),
      onProblem: (problem) =>
        log.error('k8s.go:391', { event: 'configStale', error: problem, msg: 'config (re)load failed' }),
      onError: (error) => log.error('k8s.go:320', { op: 'watch', error }),
    });
    this.#reports = new Reports({ ...options, view: this.#view });
    this.#responder = new ArpResponder(
      { onLine: (line) => this.#onLine(line), onEnd: (reason) => this.#onResponderEnd(reason) },
      options.responderPath,
    );
    this.#gossip = new Gossip({
      address: options.address,
      port: options.gossipPort ?? GOSSIP_PORT,
      onMessage: (message, from) => this.#onMessage(message, from),
      onError: (error) => log.error('speakerlist.go:270', { op: 'gossip', error }),
    });
  }

  /** @throws Error when the node's address cannot be listened on */
  async start(): Promise<void> {
    await this.#gossip.listen();
    this.#responder.start();
    this.#schedule();
    await this.#view.synced;
    this.#isSynced = true;
    this.#schedule();
  }

  /** Gives everything up, says so, and ends. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#ballot.leave();
    const released = new Promise<void>((resolve) => {
      this.#onReleased = resolve;
    });
    this.#evaluate();
    const timeout = new Promise((resolve) => setTimeout(resolve, STOP_MS));
    if (this.#ballot.holdsAny) await Promise.race([released, timeout]);
    clearTimeout(this.#timer);
    this.#responder.stop();
    // Said twice: a loss would cost the others the lease.
    await this.#send();
    await this.#send();
    this.#view.stop();
    this.#gossip.close();
    await this.#options.events.flush();
  }

  metrics(): Metric[] {
    const announced = [...this.#held].flatMap(([ip, { announcement }]) =>
      announcement.services.map((service) => [service, ip] as const),
    );
    return this.#counters.metrics(this.#options.node, announced);
  }

  /** Once for all that happens in one turn of the event loop. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#evaluate();
    });
  }

  #evaluate(): void {
    const now = monotonic();
    const secret = this.#view.secret;
    if (secret) this.#gossip.setKey(secret);
    const { plan } = this.#view;
    if (!this.#stopping) {
      this.#ballot.members.expect(this.#view.speakers(this.#options.node));
      const canAnswer = this.#responder.isReady && this.#responder.interfaces.size > 0;
      this.#ballot.setReady(this.#isSynced && this.#gossip.hasKey && canAnswer);
      this.#ballot.want(this.#elected(plan.announcements, now));
    }
    const step = this.#ballot.step(now);
    for (const [ip, until] of step.hold) this.#hold(ip, until, plan.announcements.get(ip));
    for (const ip of step.drop) this.#drop(ip);
    for (const ip of step.probe) this.#responder.probe(ip);
    this.#expire(now);

    const state = JSON.stringify(this.#ballot.state(now));
    const isDue = now >= this.#heartbeatAt;
    if (state !== this.#said || isDue) {
      this.#said = state;
      if (isDue) this.#heartbeatAt = now + HEARTBEAT_MS;
      void this.#send();
    }
    if (this.#stopping && !this.#ballot.holdsAny) this.#onReleased();
    clearTimeout(this.#timer);
    const next = Math.min(this.#heartbeatAt, this.#ballot.nextDeadline(now));
    this.#timer = setTimeout(() => this.#evaluate(), Math.max(1, Math.ceil(next - now)));
  }

  #elected(announcements: ReadonlyMap<string, Announcement>, now: number): string[] {
    const { node } = this.#options;
    const alive = this.#ballot.alive(now);
    return [...announcements.values()]
      .filter(
        ({ candidates, key }) =>
          elect(
            [...candidates].filter((one) => alive.has(one)),
            key,
          ) === node,
      )
      .map(({ ip }) => ip);
  }

  #hold(ip: string, until: number, planned: Announcement | undefined): void {
    const known = this.#held.get(ip);
    const announcement = planned ?? known?.announcement;
    if (!announcement) return;
    const names = announcement.interfaces(this.#options.node);
    const interfaces = names.join();
    if (known && until - known.until < RENEW_MS && interfaces === known.interfaces) {
      known.announcement = announcement;
      return;
    }
    this.#responder.hold(ip, until, names);
    this.#held.set(ip, { until, announcement, interfaces });
    if (known) return;
    this.#responder.announce(ip);
    this.#reports.announced(announcement);
  }

  #drop(ip: string): void {
    this.#withdrawn(ip);
    if (this.#responder.isReady) this.#responder.drop(ip);
    else this.#ballot.released(ip);
  }

  #withdrawn(ip: string): void {
    const held = this.#held.get(ip);
    if (!held) return;
    this.#held.delete(ip);
    this.#reports.withdrawn(held.announcement);
  }

  /** A lease that ran out: the responder has stopped by itself. */
  #expire(now: number): void {
    for (const [ip, { until }] of [...this.#held]) if (until <= now) this.#withdrawn(ip);
  }

  async #send(): Promise<void> {
    const message = this.#ballot.message(monotonic());
    const addresses = new Map([...this.#heardFrom, ...this.#view.addresses(this.#options.node)]);
    await this.#gossip.send(message, addresses.values());
  }

  #onMessage(message: Message, from: string): void {
    const now = monotonic();
    if (message.leaving) this.#heardFrom.delete(message.node);
    else this.#heardFrom.set(message.node, from);
    // A speaker that is new has to hear of this one at once, or it would wait for a heartbeat.
    if (this.#ballot.receive(message, now)) this.#said = '';
    this.#schedule();
  }

  #onLine(line: ResponderLine): void {
    this.#reports.line(line);
    switch (line.kind) {
      case 'request':
        this.#counters.request(line.ip, line.sent);
        return;
      case 'announced':
        this.#counters.gratuitous(line.ip, line.frames);
        return;
      case 'conflict':
      case 'bad':
        return;
      case 'deleted':
        this.#ballot.released(line.ip);
        break;
      case 'free':
        this.#ballot.probed(line.ip, true, line.at, monotonic());
        break;
      case 'taken':
        this.#ballot.probed(line.ip, false, monotonic(), monotonic());
        break;
      default:
    }
    this.#schedule();
  }

  #onResponderEnd(reason: string): void {
    this.#options.log.error('arp.go:50', { msg: 'arp-responder ended, starting it again', error: reason });
    for (const ip of [...this.#held.keys()]) {
      this.#withdrawn(ip);
      this.#ballot.released(ip);
    }
    this.#schedule();
  }
}
