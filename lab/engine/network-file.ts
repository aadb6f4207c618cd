/** The network of a lab container as the topology wants it; images/shared/lab-init makes it so at each start. */
export interface NetworkFile {
  readonly links: readonly NetworkLink[];
  readonly routes?: readonly NetworkRoute[];
  /** Names of links: what leaves by them gets their address (iptables MASQUERADE). */
  readonly masquerade?: readonly string[];
  readonly nameservers?: readonly string[];
  readonly search?: readonly string[];
  readonly hosts?: readonly { readonly address: string; readonly names: readonly string[] }[];
  /** e.g. `{'net.ipv4.ip_forward': '1'}` */
  readonly sysctls?: Readonly<Record<string, string | number>>;
  /** This is a node: it gets tunl0, from the kernel or from tunl0d. */
  readonly tunl0?: boolean;
}

export interface NetworkLink {
  /** The name it gets, e.g. `ens192`. */
  readonly name: string;
  /** The address that Docker gave it: how lab-init finds it. */
  readonly address: string;
  readonly prefixLength: number;
  /** Docker's own when undefined. */
  readonly mac?: string | undefined;
  /** Bytes. */
  readonly mtu: number;
}

export interface NetworkRoute {
  /** CIDR or `default`. */
  readonly destination: string;
  readonly via?: string;
  readonly device?: string;
}

/** Where lab-init reads it. */
export const NETWORK_FILE_PATH = '/etc/hoplab/network';
/** lab-init makes this file when the network is as wanted, just before the container's program starts (in a tmpfs, if /run is one). */
export const READY_PATH = '/run/hoplab/ready';
/** `kernel` or `user`: which data plane is behind tunl0. */
export const TUNL0_PATH = '/run/hoplab/tunl0';

/**
 * Renders the file; the format is described in lab-init.
 * Throws TypeError for a value with a blank or line break in it, which would be read as something else.
 */
export function renderNetworkFile(network: NetworkFile): string {
  const lines = ['# Written by hoplab; read by lab-init at each start of the container.'];
  const line = (...words: (string | number)[]) => {
    for (const word of words)
      if (!/^[^\s]+$/.test(String(word)))
        throw new TypeError(`${JSON.stringify(word)} is not one word (network file, ${words[0]})`);
    lines.push(words.join(' '));
  };
  for (const { name, address, prefixLength, mac, mtu } of network.links)
    line('link', name, `${address}/${prefixLength}`, mac ?? '-', mtu);
  for (const { destination, via, device } of network.routes ?? []) {
    line(
      'route',
      destination,
      ...(via === undefined ? [] : ['via', via]),
      ...(device === undefined ? [] : ['dev', device]),
    );
  }
  for (const name of network.masquerade ?? []) line('masquerade', name);
  for (const address of network.nameservers ?? []) line('nameserver', address);
  if (network.search?.length) line('search', ...network.search);
  for (const { address, names } of network.hosts ?? []) line('host', address, ...names);
  for (const [key, value] of Object.entries(network.sysctls ?? {})) line('sysctl', key, value);
  if (network.tunl0) line('tunl0');
  return `${lines.join('\n')}\n`;
}
