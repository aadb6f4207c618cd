import ipaddr from 'ipaddr.js';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { Engine } from './connect.ts';
import { dockerError, engineMessage, isConflict, isNotFound } from './errors.ts';
import { LABEL, objectName } from './labels.ts';
import { specHash } from './spec-hash.ts';
import { HOPLAB_VERSION } from './version.ts';

export interface NetworkSpec {
  readonly lab: string;
  /** Short name, e.g. `nodes`. */
  readonly name: string;
  /** e.g. `10.1.110.0/24`. */
  readonly subnet: string;
  /** Bytes. */
  readonly mtu: number;
  /**
   * An address of the subnet that nothing in the lab uses (topology's bridgeAddress). Docker insists on reserving one as
   * its gateway and would otherwise take the first, which may be a node's.
   */
  readonly dockerGateway: string;
}

export interface NetworkHandle {
  readonly id: string;
  /** Docker's name of it, e.g. `hoplab-iks-nodes`. */
  readonly dockerName: string;
  readonly created: boolean;
}

/**
 * The bridge options that make a wire which leads nowhere:
 * - no masquerading, so no rule of the host rewrites a lab packet;
 * - `inhibit_ipv4`: the bridge gets no address, so the host has neither a route into the lab nor a neighbour there;
 * - `gateway_mode_ipv4=nat-unprotected`: from engine 28 on Docker otherwise drops, in the raw table, packets that reach
 *   a container from another network, which is what the lab's router sends. Older engines ignore it.
 * Not `internal`: br_netfilter shows bridged frames to the host's iptables, where Docker's rules for internal networks
 * drop every packet with an address of another network, i.e. all routed ones.
 */
export function bridgeOptions(mtu: number): Record<string, string> {
  return {
    'com.docker.network.bridge.enable_ip_masquerade': 'false',
    'com.docker.network.bridge.inhibit_ipv4': 'true',
    'com.docker.network.bridge.gateway_mode_ipv4': 'nat-unprotected',
    'com.docker.network.driver.mtu': String(mtu),
  };
}

/**
 * Makes a lab's network, or finds the one made from the same specification.
 * Throws HoplabError `E_NETWORK_CHANGED` when one of this name was made from another specification, `E_ADDRESS_CLASH`
 * when another Docker network has some of the addresses.
 */
export async function ensureNetwork(engine: Engine, spec: NetworkSpec): Promise<NetworkHandle> {
  const dockerName = objectName(spec.lab, spec.name);
  const hash = specHash(spec);
  const existing = await findNetwork(engine, dockerName);
  if (existing) {
    if (existing.spec === hash) return { id: existing.id, dockerName, created: false };
    throw new HoplabError({
      code: 'E_NETWORK_CHANGED',
      message: `network ${dockerName} exists with other settings than the topology's`,
      exitCode: EXIT.environment,
      detail: `docker network inspect ${dockerName}`,
      next: `remove the lab first: npm run lab down -- -n ${spec.lab}`,
    });
  }
  const command = ['docker', 'network', 'create', '--subnet', spec.subnet, '--gateway', spec.dockerGateway];
  for (const [key, value] of Object.entries(bridgeOptions(spec.mtu))) command.push('-o', `${key}=${value}`);
  try {
    const network = await engine.docker.createNetwork({
      Name: dockerName,
      Driver: 'bridge',
      CheckDuplicate: true,
      EnableIPv6: false,
      IPAM: { Driver: 'default', Config: [{ Subnet: spec.subnet, Gateway: spec.dockerGateway }] },
      Options: bridgeOptions(spec.mtu),
      Labels: {
        [LABEL.lab]: spec.lab,
        [LABEL.name]: spec.name,
        [LABEL.spec]: hash,
        [LABEL.version]: HOPLAB_VERSION,
      },
    });
    return { id: network.id, dockerName, created: true };
  } catch (error) {
    if (isConflict(error) && (await findNetwork(engine, dockerName))?.spec === hash)
      return ensureNetwork(engine, spec);
    if (/overlap/i.test(engineMessage(error))) {
      throw new HoplabError({
        code: 'E_ADDRESS_CLASH',
        message: `another Docker network has addresses of ${spec.subnet} (network ${spec.name})`,
        exitCode: EXIT.environment,
        detail: 'docker network inspect $(docker network ls -q) --format "{{.Name}} {{.IPAM.Config}}"',
        next: 'remove that network, or give the topology another subnet',
        cause: error,
      });
    }
    throw dockerError(error, `network ${dockerName} cannot be created`, [...command, dockerName]);
  }
}

async function findNetwork(
  engine: Engine,
  dockerName: string,
): Promise<{ id: string; spec: string | undefined } | undefined> {
  // The engine's name filter matches parts of names.
  const networks = await engine.docker.listNetworks({ filters: { name: [dockerName] } });
  const network = networks.find((candidate) => candidate.Name === dockerName);
  return network && { id: network.Id, spec: network.Labels?.[LABEL.spec] };
}

/** Removes a network by id or name; one that is gone is no error. */
export async function removeNetwork(engine: Engine, idOrName: string): Promise<void> {
  try {
    await engine.docker.getNetwork(idOrName).remove();
  } catch (error) {
    if (!isNotFound(error))
      throw dockerError(error, `network ${idOrName} cannot be removed`, [
        'docker',
        'network',
        'rm',
        idOrName,
      ]);
  }
}

export interface AddressClash {
  /** The subnet of ours. */
  readonly subnet: string;
  /** The other's. */
  readonly with: string;
  /** Docker's name of the other network. */
  readonly network: string;
  /** The lab the other network belongs to, if any. */
  readonly lab: string | undefined;
}

/** Which of the subnets overlap with a Docker network that is not of this lab. Empty when `up` can have them all. */
export async function addressClashes(
  engine: Engine,
  lab: string,
  subnets: readonly string[],
): Promise<AddressClash[]> {
  const networks = await engine.docker.listNetworks();
  const clashes: AddressClash[] = [];
  for (const network of networks) {
    const owner = network.Labels?.[LABEL.lab];
    if (owner === lab) continue;
    for (const { Subnet } of network.IPAM?.Config ?? []) {
      if (Subnet === undefined || Subnet.includes(':')) continue;
      for (const subnet of subnets) {
        if (subnetsOverlap(subnet, Subnet))
          clashes.push({ subnet, with: Subnet, network: network.Name, lab: owner });
      }
    }
  }
  return clashes;
}

/** Whether two IPv4 CIDRs share an address. */
export function subnetsOverlap(a: string, b: string): boolean {
  const [networkA, prefixA] = ipaddr.IPv4.parseCIDR(a);
  const [networkB, prefixB] = ipaddr.IPv4.parseCIDR(b);
  const prefix = Math.min(prefixA, prefixB);
  return networkA.match(networkB, prefix);
}
