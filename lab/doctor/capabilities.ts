/** A thing the kernel has or lacks, and what the lab makes of it. */
export interface Capability {
  readonly name: string;
  /** What the kernel calls it, to look for among modules. */
  readonly module: string;
  /** Without it no lab runs. */
  readonly required: boolean;
  readonly present: string;
  readonly absent: string;
}

/** All capabilities that make a difference, in the order they are printed. */
export const CAPABILITIES: readonly Capability[] = [
  {
    name: 'ipip',
    module: 'ipip',
    required: false,
    present: "tunl0 is the kernel's own device",
    absent:
      'tunl0 is made in user space by tunl0d: same name, routes, captures and netfilter hooks, less throughput',
  },
  {
    name: 'tun',
    module: 'tun',
    required: false,
    present: 'tunl0d can make its device where the kernel has no ipip',
    absent: 'no tunl0 in user space; a lab needs ipip then',
  },
  {
    name: 'overlay',
    module: 'overlay',
    required: true,
    present: "pods' file systems",
    absent: 'pods cannot have a file system of their own',
  },
  {
    name: 'br_netfilter',
    module: 'br_netfilter',
    required: false,
    present:
      "bridged frames pass the host's iptables; the lab's networks are made so that Docker's rules let them through",
    absent: "bridged frames do not pass the host's iptables; the lab does not need it",
  },
  {
    name: 'nf_conntrack',
    module: 'nf_conntrack',
    required: true,
    present: 'NAT, and every scenario on connection tracking',
    absent: 'no NAT, so no services and no way out for pods',
  },
  {
    name: 'NFLOG',
    module: 'xt_NFLOG',
    required: false,
    present:
      'packet logs: LOG rules of a container reach no log; -j NFLOG --nflog-group 1 does what they do, read by tcpdump -n -i nflog:1',
    absent: 'no packet logs',
  },
  {
    name: 'TRACE',
    module: 'xt_TRACE',
    required: false,
    present: 'every rule a packet meets can be shown',
    absent: 'rules a packet meets cannot be shown one by one',
  },
  {
    name: 'vxlan',
    module: 'vxlan',
    required: false,
    present: 'topologies with VXLAN can be run',
    absent: 'topologies with VXLAN cannot be run',
  },
  {
    name: 'macvlan',
    module: 'macvlan',
    required: false,
    present: 'topologies with macvlan can be run',
    absent: 'topologies with macvlan cannot be run',
  },
  {
    name: 'ipvlan',
    module: 'ipvlan',
    required: false,
    present: 'topologies with ipvlan can be run',
    absent: 'topologies with ipvlan cannot be run; macvlan shows the same on one segment',
  },
  {
    name: 'ip_vs',
    module: 'ip_vs',
    required: false,
    present: 'kube-proxy can be shown in IPVS mode',
    absent: 'kube-proxy writes iptables rules only',
  },
  {
    name: 'netem',
    module: 'sch_netem',
    required: false,
    present: 'delay and loss can be put on a wire',
    absent: 'no delay or loss on wires; TBF still limits their rate',
  },
];

export type Presence = 'yes' | 'no' | 'unknown';

/**
 * Tries each capability in the network namespace it runs in (which is thrown away), printing `NAME yes|no` lines.
 * Trying, not looking: on a stock kernel most of these are modules that load at first use.
 */
export const PROBE_SCRIPT = `
probe() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "$name yes"; else echo "$name no"; fi; }
probe ipip ip link add labp0 type ipip local 192.0.2.1 remote 192.0.2.2
probe tun ip tuntap add labp1 mode tun
probe overlay grep -qw overlay /proc/filesystems
probe br_netfilter test -e /proc/sys/net/bridge/bridge-nf-call-iptables
probe nf_conntrack iptables -A OUTPUT -m conntrack --ctstate NEW
probe NFLOG iptables -A OUTPUT -j NFLOG --nflog-group 1
probe TRACE iptables -t raw -A OUTPUT -j TRACE
probe vxlan ip link add labp2 type vxlan id 1 dstport 4789
ip link add labp3 type veth peer name labp4
probe macvlan ip link add labp5 link labp3 type macvlan mode bridge
probe ipvlan ip link add labp6 link labp4 type ipvlan
probe ip_vs iptables -A OUTPUT -m ipvs --ipvs
probe netem tc qdisc add dev lo root netem delay 1ms
`;

/** Reads the script's output. What it does not mention is unknown. */
export function readProbe(output: string): Map<string, Presence> {
  const found = new Map<string, Presence>();
  for (const line of output.split('\n')) {
    const [name, answer] = line.trim().split(' ');
    if (name && (answer === 'yes' || answer === 'no')) found.set(name, answer);
  }
  return found;
}

/**
 * What can be said without trying: a module that is loaded, built in, or on disk is there; else nobody knows.
 * @param loaded text of /proc/modules
 * @param available texts of modules.builtin and modules.dep of the running kernel
 */
export function readModules(loaded: string, available: string): Map<string, Presence> {
  const names = new Set([
    ...loaded.split('\n').map((line) => line.split(' ')[0] ?? ''),
    ...available.split('\n').map((line) =>
      (line.split(':')[0] ?? '')
        .replace(/^.*\//, '')
        .replace(/\.ko(\.\w+)?$/, '')
        .replaceAll('-', '_'),
    ),
  ]);
  return new Map(CAPABILITIES.map(({ name, module }) => [name, names.has(module) ? 'yes' : 'unknown']));
}
