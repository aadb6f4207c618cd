import type { CacheMetrics, ForwardMetrics } from '../plugins/index.ts';
import { Registry } from './registry.ts';

/** One question and how it went. */
export interface Measured {
  /** e.g. `dns://:53`. */
  readonly server: string;
  /** Zone of the server block, or `dropped`. */
  readonly zone: string;
  readonly proto: 'udp' | 'tcp';
  /** `1` for IPv4, `2` for IPv6. */
  readonly family: string;
  readonly type: string;
  readonly rcode: string;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly seconds: number;
}

/** What CoreDNS exposes under the names that dashboards know. */
export interface DnsMetrics {
  readonly registry: Registry;
  readonly cache: CacheMetrics;
  readonly forward: ForwardMetrics;
  measured(question: Measured): void;
  panic(): void;
  reloadFailed(): void;
  pluginEnabled(server: string, zone: string, plugin: string): void;
}

/** Seconds: 0.25 ms doubled, as in plugin/metrics/vars. */
const DURATIONS = Array.from({ length: 16 }, (_, power) => 0.00025 * 2 ** power);
const SIZES = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3];
/** Types that get a label of their own; others are counted together. */
const KNOWN_TYPES = new Set(
  'A AAAA CNAME DS DNSKEY HTTPS MX NS NSEC PTR RRSIG SOA SRV SVCB TXT ANY'.split(' '),
);

export function dnsMetrics(version: string): DnsMetrics {
  const registry = new Registry();
  const requests = registry.counter(
    'coredns_dns_requests_total',
    'Counter of DNS requests made per zone, protocol and family.',
  );
  const responses = registry.counter('coredns_dns_responses_total', 'Counter of response status codes.');
  const durations = registry.histogram(
    'coredns_dns_request_duration_seconds',
    'Histogram of the time (in seconds) each request took.',
    DURATIONS,
  );
  const requestSizes = registry.histogram(
    'coredns_dns_request_size_bytes',
    'Size of the EDNS0 UDP buffer in bytes (64K for TCP).',
    SIZES,
  );
  const responseSizes = registry.histogram(
    'coredns_dns_response_size_bytes',
    'Size of the returned response in bytes.',
    SIZES,
  );
  const panics = registry.counter('coredns_panics_total', 'A metrics that counts the number of panics.');
  const failedReloads = registry.counter(
    'coredns_reload_failed_total',
    'Counter of the number of failed reload attempts.',
  );
  const enabled = registry.gauge(
    'coredns_plugin_enabled',
    'A metric that indicates whether a plugin is enabled on per server and zone basis.',
  );
  const hits = registry.counter('coredns_cache_hits_total', 'The count of cache hits.');
  const misses = registry.counter('coredns_cache_misses_total', 'The count of cache misses.');
  const entries = registry.gauge('coredns_cache_entries', 'The number of elements in the cache.');
  const forwarded = registry.counter(
    'coredns_forward_requests_total',
    'Counter of requests made per upstream.',
  );
  const answered = registry.counter(
    'coredns_forward_responses_total',
    'Counter of responses received per upstream.',
  );
  const forwardTimes = registry.histogram(
    'coredns_forward_request_duration_seconds',
    'Histogram of the time each request took.',
    DURATIONS,
  );
  registry.gauge('coredns_build_info', "A metric with a constant '1' value labeled by version.")(
    { version },
    1,
  );
  registry.read('process_resident_memory_bytes', 'Resident memory size in bytes.', () =>
    process.memoryUsage.rss(),
  );
  panics({}, 0);
  failedReloads({}, 0);
  return {
    registry,
    cache: {
      hit: (type, server) => hits({ server, type }),
      miss: (server) => misses({ server }),
      size: (type, count, server) => entries({ server, type }, count),
    },
    forward: {
      asked(to, rcode, seconds) {
        forwarded({ to });
        if (rcode !== undefined) {
          answered({ to, rcode });
          forwardTimes({ to }, seconds);
        }
      },
    },
    measured({ server, zone, proto, family, type, rcode, requestBytes, responseBytes, seconds }) {
      requests({ server, zone, proto, family, type: KNOWN_TYPES.has(type) ? type : 'other' });
      responses({ server, zone, rcode });
      durations({ server, zone }, seconds);
      requestSizes({ server, zone, proto }, requestBytes);
      responseSizes({ server, zone, proto }, responseBytes);
    },
    panic: () => panics({}),
    reloadFailed: () => failedReloads({}),
    pluginEnabled: (server, zone, name) => enabled({ server, zone, name }, 1),
  };
}
