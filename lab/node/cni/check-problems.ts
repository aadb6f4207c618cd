import type { CniResult } from './result.ts';
import { GATEWAY, HOST_MAC } from './wiring.ts';

/** What CHECK goes by. */
export interface Wanted {
  readonly hostInterface: string;
  readonly podInterface: string;
  readonly netns: string;
  readonly mtu: number;
  /** Addresses that IPAM has for the container. */
  readonly held: readonly string[];
}

/** What CHECK found, as `ip -j` prints it. */
export interface Observed {
  readonly podLink: LinkJson | undefined;
  readonly podRoutes: readonly RouteJson[];
  readonly hostLink: LinkJson | undefined;
  /** Routes of the host through the host end. */
  readonly hostRoutes: readonly RouteJson[];
  /** By path under /proc/sys; undefined where there is no such file. */
  readonly sysctls: Readonly<Record<string, string | undefined>>;
}

export interface LinkJson {
  readonly mtu: number;
  readonly address: string;
  readonly flags: readonly string[];
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number }[];
}

export interface RouteJson {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
  readonly scope?: string;
}

/**
 * Every difference between what ADD made and what is there; empty when there is none. A chained plugin may have added
 * routes, so only ours are looked for.
 */
export function checkProblems(wanted: Wanted, previous: CniResult, observed: Observed): string[] {
  const { hostInterface: host, podInterface: pod, netns } = wanted;
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string) => holds || problems.push(problem);

  const podBefore = previous.interfaces.find(({ name, sandbox }) => name === pod && sandbox === netns);
  expect(podBefore !== undefined, `prevResult has no interface ${pod} in ${netns}`);
  expect(
    previous.interfaces.some(({ name, sandbox }) => name === host && sandbox === undefined),
    `prevResult has no host interface ${host}`,
  );
  expect(previous.ips.length > 0, 'prevResult has no address');

  const { podLink, hostLink } = observed;
  expect(podLink !== undefined, `${pod} is missing in ${netns}`);
  if (podLink) {
    expect(podLink.flags.includes('UP'), `${pod} is down`);
    expect(podLink.mtu === wanted.mtu, `${pod} has mtu ${podLink.mtu}, not ${wanted.mtu}`);
    const mac = podBefore?.mac;
    expect(mac === undefined || mac === podLink.address, `${pod} has MAC ${podLink.address}, not ${mac}`);
  }
  expect(hostLink !== undefined, `${host} is missing on the node`);
  if (hostLink) {
    expect(hostLink.flags.includes('UP'), `${host} is down`);
    expect(hostLink.address === HOST_MAC, `${host} has MAC ${hostLink.address}, not ${HOST_MAC}`);
  }
  for (const { address: cidr } of previous.ips) {
    const address = cidr.split('/')[0] ?? cidr;
    const onPod =
      podLink?.addr_info?.some(({ local, prefixlen }) => `${local}/${prefixlen}` === cidr) ?? false;
    expect(onPod, `${pod} has no address ${cidr}`);
    expect(wanted.held.includes(address), `address ${address} is not reserved for this container in IPAM`);
    expect(
      observed.hostRoutes.some(({ dst }) => dst === address),
      `the node has no route to ${address} through ${host}`,
    );
  }
  const toGateway = observed.podRoutes.some(({ dst, dev }) => dst === GATEWAY && dev === pod);
  expect(toGateway, `no route to ${GATEWAY} through ${pod}`);
  const byDefault = observed.podRoutes.some(({ dst, gateway }) => dst === 'default' && gateway === GATEWAY);
  expect(byDefault, `no default route via ${GATEWAY} in ${netns}`);
  for (const [path, value] of Object.entries(expectedSysctls(host))) {
    if (hostLink)
      expect(observed.sysctls[path] === value, `${path} is ${observed.sysctls[path]}, not ${value}`);
  }
  return problems;
}

/** Without these the node does not answer the pod's ARP requests, or not at once, or does not forward. */
export function expectedSysctls(host: string): Record<string, string> {
  return {
    [`net/ipv4/conf/${host}/proxy_arp`]: '1',
    [`net/ipv4/conf/${host}/forwarding`]: '1',
    [`net/ipv4/neigh/${host}/proxy_delay`]: '0',
  };
}
