import { run } from '../../../node/shell/index.ts';

/** tunl0 as `ip -j addr show dev tunl0` describes it. */
export interface TunnelState {
  readonly mtu: number;
  readonly up: boolean;
  /** IPv4 addresses with prefix length. */
  readonly addresses: readonly string[];
}

/** The relevant part of iproute2's JSON. */
interface IpAddrJson {
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly addr_info: readonly {
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
  }[];
}

/** Reads `ip -j addr show dev tunl0`. */
export function parseTunnelState(json: string): TunnelState {
  const [link] = JSON.parse(json) as IpAddrJson[];
  if (!link) throw new Error('ip -j addr show dev tunl0 named no device');
  return {
    mtu: link.mtu,
    up: link.flags.includes('UP'),
    addresses: link.addr_info
      .filter((info) => info.family === 'inet')
      .map((info) => `${info.local}/${info.prefixlen}`),
  };
}

/**
 * The `ip -batch` lines that give tunl0 its MTU and exactly one address, the first of the node's block as a
 * /32, and bring it up.
 *
 * @param address without prefix length
 * @param mtu bytes
 * @see Felix `dataplane/linux/ipip_mgr.go`
 */
export function tunnelCommands(state: TunnelState, address: string, mtu: number): string[] {
  const wanted = `${address}/32`;
  const commands: string[] = [];
  if (state.mtu !== mtu) commands.push(`link set dev tunl0 mtu ${mtu}`);
  for (const present of state.addresses) {
    if (present !== wanted) commands.push(`addr del ${present} dev tunl0`);
  }
  if (!state.addresses.includes(wanted)) commands.push(`addr add ${wanted} dev tunl0 scope global`);
  if (!state.up) commands.push('link set dev tunl0 up');
  return commands;
}

/** Brings tunl0 to its address, MTU (bytes) and state; does nothing where it has them already. */
export async function applyTunnel(address: string, mtu: number): Promise<void> {
  const state = parseTunnelState(await run(['ip', '-j', 'addr', 'show', 'dev', 'tunl0']));
  const commands = tunnelCommands(state, address, mtu);
  if (commands.length > 0) await run(['ip', '-batch', '-'], `${commands.join('\n')}\n`);
}
