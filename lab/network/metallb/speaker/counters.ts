import type { Metric } from '../metrics.ts';

/** What /metrics of a speaker shows. Names and texts of MetalLB's. */
export class Counters {
  readonly #requests = new Map<string, number>();
  readonly #responses = new Map<string, number>();
  readonly #gratuitous = new Map<string, number>();

  request(ip: string, answered: boolean): void {
    add(this.#requests, ip, 1);
    if (answered) add(this.#responses, ip, 1);
  }

  gratuitous(ip: string, frames: number): void {
    add(this.#gratuitous, ip, frames);
  }

  /** @param announced services and addresses that this node announces now */
  metrics(node: string, announced: Iterable<readonly [service: string, ip: string]>): Metric[] {
    const counter = (name: string, help: string, values: ReadonlyMap<string, number>): Metric => ({
      name,
      help,
      type: 'counter',
      samples: [...values].map(([ip, value]) => ({ labels: { ip }, value })),
    });
    return [
      counter(
        'metallb_layer2_gratuitous_sent',
        'Number of gratuitous layer2 packets sent for owned IPs as a result of failovers',
        this.#gratuitous,
      ),
      counter(
        'metallb_layer2_requests_received',
        'Number of layer2 requests received for owned IPs',
        this.#requests,
      ),
      counter(
        'metallb_layer2_responses_sent',
        'Number of layer2 responses sent for owned IPs in response to requests',
        this.#responses,
      ),
      {
        name: 'metallb_speaker_announced',
        help: 'Services being announced from this node. This is desired state, it does not guarantee that the routing protocols have converged.',
        type: 'gauge',
        samples: [...announced].map(([service, ip]) => ({
          labels: { ip, node, protocol: 'layer2', service },
          value: 1,
        })),
      },
    ];
  }
}

const add = (counts: Map<string, number>, key: string, by: number): unknown =>
  counts.set(key, (counts.get(key) ?? 0) + by);
