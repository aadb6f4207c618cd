import { run, writeIfChanged } from '../../../node/shell/index.ts';
import { type IpSetInput, ipsetRestoreInput, staticIpSets } from './ipsets.ts';
import { restoreInput } from './restore.ts';
import { type StaticOptions, staticTables } from './static-chains.ts';
import { parseTunnelState, tunnelCommands } from './tunnel.ts';

/** tunl0d, the user-space data plane, lets IP-in-IP in from these addresses only. */
export const ALL_HOSTS_NET = '/run/calico/all-hosts-net';

/** Brings tunl0 to its address, MTU (bytes) and state; does nothing where it has them already. */
export async function applyTunnel(address: string, mtu: number): Promise<void> {
  const state = parseTunnelState(await run(['ip', '-j', 'addr', 'show', 'dev', 'tunl0']));
  const commands = tunnelCommands(state, address, mtu);
  if (commands.length > 0) await run(['ip', '-batch', '-'], `${commands.join('\n')}\n`);
}

/**
 * Programs ip sets, the mesh's peer list and the static chains, each in one transaction.
 *
 * @throws CommandError with the tool's own words when the kernel refuses
 */
export async function applyStatic(input: IpSetInput & StaticOptions): Promise<void> {
  await writeIfChanged(ALL_HOSTS_NET, `${input.hosts.join('\n')}\n`);
  // The chains match on the sets, so the sets come first.
  await run(['ipset', 'restore'], ipsetRestoreInput(staticIpSets(input)));
  for (const table of staticTables(input)) {
    const restore = restoreInput(table, await run(['iptables-save', '-t', table.name]));
    if (restore) await run(['iptables-restore', '--noflush', '-w', '5'], restore);
  }
}
