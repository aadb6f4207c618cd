/** A machine that the server knows by name, both ways. */
export interface NamedMachine {
  /** The first is what its address stands for in the reverse zone; bare names belong to the domain. */
  readonly names: readonly string[];
  readonly address: string;
}

export interface OutsideDns {
  /** The server's own address, on which alone it listens. */
  readonly listen: string;
  /** Of the machines' bare names, e.g. `lab.example`. */
  readonly domain: string;
  readonly machines: readonly NamedMachine[];
  /** Other names, in full, by what they stand for: `{ 'www.example.com': '203.0.113.10' }`. */
  readonly records: Readonly<Record<string, string>>;
}

/** Where the configuration is put in the DNS server's container. */
export const OUTSIDE_DNS_PATH = '/etc/dnsmasq.conf';

/** What the DNS server's container runs: in the foreground, its log on stderr. */
export const OUTSIDE_DNS_COMMAND: readonly string[] = [
  '/usr/sbin/dnsmasq',
  '--keep-in-foreground',
  `--conf-file=${OUTSIDE_DNS_PATH}`,
];

/** Seconds that askers may remember a name; without it dnsmasq says 0. */
const TTL = 60;

/**
 * The configuration of the world's DNS server, a dnsmasq that knows the lab's machines and nothing else: every other
 * name does not exist, and nobody is asked about it. Pure.
 *
 * @returns text of dnsmasq.conf
 */
export function outsideDnsConfig({ listen, domain, machines, records }: OutsideDns): string {
  const full = (name: string) => (name.includes('.') ? name : `${name}.${domain}`);
  const known = new Set<string>();
  // The first record of an address is its reverse one, so machines come before the names that only point to them.
  const lines = [
    ...machines,
    ...Object.entries(records).map(([name, address]) => ({ names: [name], address })),
  ].flatMap(({ names, address }) => {
    const fresh = [...new Set(names.map(full))].filter((name) => !known.has(`${name} ${address}`));
    for (const name of fresh) known.add(`${name} ${address}`);
    return fresh.length === 0 ? [] : [`host-record=${fresh.join(',')},${address}`];
  });
  return [
    `listen-address=${listen}`,
    'bind-interfaces',
    // Neither the container's resolv.conf nor its hosts file: what is said here is all there is.
    'no-resolv',
    'no-hosts',
    // Any domain is answered from here alone: unknown names do not exist.
    'local=/#/',
    `local-ttl=${TTL}`,
    'log-queries',
    'log-facility=-',
    // No lease or pid file, and no other user: the container has no rights that could be given up.
    'pid-file=',
    'user=root',
    ...lines,
    '',
  ].join('\n');
}
