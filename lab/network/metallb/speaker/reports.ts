import type { EventRecorder } from '../../../api/client/index.ts';
import type { ResponderLine } from '../arp/index.ts';
import type { GoKitLog } from '../log.ts';
import type { Release } from '../release.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Announcement } from './plan.ts';

export interface ReportsOptions {
  readonly log: GoKitLog;
  readonly events: EventRecorder;
  readonly release: Release;
  /** Kubernetes node name. */
  readonly node: string;
  readonly view: Pick<ClusterView, 'service' | 'plan'>;
}

/** What the speaker says of its addresses, in MetalLB's log lines and events. */
export class Reports {
  readonly #options: ReportsOptions;

  constructor(options: ReportsOptions) {
    this.#options = options;
  }

  announced(announcement: Announcement): void {
    const { log, release, node, events, view } = this.#options;
    const suffix = release === '0.10' ? '' : ' with protocol "layer2"';
    for (const service of announcement.services) {
      log.info('main.go:327', {
        event: 'serviceAnnounced',
        msg: 'service has IP, announcing',
        ...this.#where(announcement),
        service,
      });
      const object = view.service(service);
      if (!object) continue;
      const about = { ...object, apiVersion: 'v1', kind: 'Service' };
      events.event(about, 'Normal', 'nodeAssigned', `announcing from node "${node}"${suffix}`);
    }
  }

  withdrawn(announcement: Announcement): void {
    for (const service of announcement.services) {
      this.#options.log.info('main.go:401', {
        event: 'serviceWithdrawn',
        msg: 'withdrawing service announcement',
        ...this.#where(announcement),
        reason: this.#reason(service),
        service,
      });
    }
  }

  /** What the responder tells of the wire. */
  line(line: ResponderLine): void {
    const { log, release } = this.#options;
    switch (line.kind) {
      case 'request':
        log.debug(release === '0.10' ? 'arp.go:102' : 'arp.go:110', {
          interface: line.interface,
          ip: line.ip,
          msg: 'got ARP request for service IP, sending response',
          responseMAC: line.responseMAC,
          senderIP: line.senderIP,
          senderMAC: line.senderMAC,
        });
        return;
      case 'interface':
        log.info('announcer.go:112', {
          event: line.up ? 'createARPResponder' : 'deleteARPResponder',
          interface: line.name,
          msg: line.up ? 'created ARP responder for interface' : 'deleted ARP responder for interface',
        });
        return;
      case 'conflict': {
        const { interface: name, ip, mac } = line;
        log.error('arp.go:120', { interface: name, ip, mac, msg: 'another station answers for service IP' });
        return;
      }
      case 'bad':
        log.error('arp.go:60', { msg: 'arp-responder refused a command', error: line.text });
        return;
      default:
    }
  }

  #where({ ip, pool }: Announcement) {
    return { ...(this.#options.release === '0.10' ? { ip } : { ips: [ip] }), pool, protocol: 'layer2' };
  }

  #reason(service: string): string {
    const { view } = this.#options;
    if (!view.service(service)) return 'serviceDeleted';
    return view.plan.reasons.get(service) ?? 'notOwner';
  }
}
