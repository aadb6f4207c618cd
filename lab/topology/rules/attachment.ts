import { cidrRange, formatAddress, formatCidr, inRange, rangeSize } from '../address.ts';
import { interfaceNameFault } from '../checks/name.ts';
import { type Draft, type DraftInterface, type DraftNetwork, interfacesOf } from '../draft.ts';
import type { Finding } from '../fault.ts';
import { closest, didYouMean } from '../suggest.ts';
import { freeAddress, usedIn } from './free.ts';

/** Machines are in networks that exist, at addresses of these, with the router beside them. */
export function attachmentRule(draft: Draft): Finding[] {
  if (!draft.networks) return [];
  const networks = new Map(draft.networks.map((network) => [network.name, network]));
  // A mistyped network of the router is reported as such; what it was meant for does not lack the router.
  const meant = (name = '') => (networks.has(name) ? name : closest(name, networks.keys()));
  const routed = draft.routerInterfaces && new Set(draft.routerInterfaces.map((item) => meant(item.network)));
  const findings: Finding[] = [];
  for (const item of interfacesOf(draft)) {
    if (item.network === undefined) continue;
    const network = networks.get(item.network);
    const router = item.owner === 'router';
    const path = router ? item.path : [...item.path, 'network'];
    if (!network) {
      findings.push({ path, at: router ? 'key' : 'value', ...unknownNetwork(item.network, networks.keys()) });
      continue;
    }
    if (router) findings.push(...defaultName(item));
    else if (routed && !routed.has(item.network)) {
      findings.push({
        path,
        message: `the router has no interface in ${item.network}`,
        rule: 'the gateway of every host and node is the router',
        right: `${item.network}: { address: ... } under router.interfaces${routed.size > 0 ? `, or one of ${[...routed].filter(Boolean).join(', ')}` : ''}`,
      });
    }
    findings.push(...addressFindings(item, network, draft));
  }
  for (const { path, network } of draft.masquerade) {
    if (!networks.has(network)) findings.push({ path, ...unknownNetwork(network, networks.keys()) });
    else if (routed && !routed.has(network)) {
      findings.push({
        path,
        message: `the router has no interface in ${network}`,
        rule: 'the router masquerades towards networks it is in',
        right: `${network}: { address: ... } under router.interfaces, or no masquerade`,
      });
    }
  }
  for (const network of draft.networks) findings.push(...bridgeFindings(network, draft));
  return findings;
}

function unknownNetwork(name: string, known: Iterable<string>) {
  const names = [...known];
  return {
    message: `there is no network ${name}`,
    rule: `the networks are ${names.join(', ') || 'none so far'}`,
    right: names.length > 0 ? didYouMean(name, names) : `${name}: { subnet: ... } under networks`,
  };
}

function defaultName(item: DraftInterface): Finding[] {
  // A name that is given is judged where it stands; here it is the network's, which may be longer.
  if (item.interface !== item.network || item.interface === undefined) return [];
  const fault = interfaceNameFault(item.interface);
  if (!fault) return [];
  const right = 'interface: and a shorter name under it, such as net0';
  return [
    {
      path: item.path,
      at: 'key',
      ...fault,
      rule: `${fault.rule}; the router's is named as the network`,
      right,
    },
  ];
}

function addressFindings(item: DraftInterface, network: DraftNetwork, draft: Draft): Finding[] {
  if (item.address === undefined || !network.subnet) return [];
  const text = formatAddress(item.address);
  const range = cidrRange(network.subnet);
  const path = [...item.path, 'address'];
  const outside = !inRange(range, item.address);
  if (!outside && item.address !== range.first && item.address !== range.last) return [];
  const free = freeAddress(draft, network);
  const right =
    free === undefined ? `an address of ${formatCidr(network.subnet)}` : `a free address, such as ${free}`;
  if (outside) {
    const other = draft.networks?.find(
      ({ subnet }) => subnet && inRange(cidrRange(subnet), item.address ?? -1),
    );
    const hint = other ? `, or network: ${other.name}` : '';
    return [
      {
        path,
        message: `${text} is not in ${formatCidr(network.subnet)}`,
        rule: `an address belongs to its network, here ${network.name}`,
        right: `${right}${item.owner === 'router' ? '' : hint}`,
      },
    ];
  }
  const name = item.address === range.first ? 'network' : 'broadcast';
  return [
    {
      path,
      message: `${text} is the ${name} address of ${formatCidr(network.subnet)}`,
      rule: 'the first and the last address of a network belong to no machine',
      right,
    },
  ];
}

/** Docker gives each bridge an address of its network, so one has to be left for it. */
function bridgeFindings(network: DraftNetwork, draft: Draft): Finding[] {
  if (!network.subnet) return [];
  if (freeAddress(draft, network) !== undefined) return [];
  const range = cidrRange(network.subnet);
  // A pool over the whole network is the pool's fault (load-balancer.ts).
  if (
    usedIn(draft).some(
      (pool) => rangeSize(pool) > 1 && pool.first <= range.first + 1 && pool.last >= range.last - 1,
    )
  )
    return [];
  return [
    {
      path: [...network.path, 'subnet'],
      message: `${formatCidr(network.subnet)} has no address left`,
      rule: "one address of every network stays free for the engine's bridge",
      right: 'a larger network, or fewer machines in it',
    },
  ];
}
