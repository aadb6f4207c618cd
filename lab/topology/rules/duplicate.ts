import { formatAddress } from '../address.ts';
import { type Draft, type DraftInterface, interfacesOf } from '../draft.ts';
import { type Finding, formatPath, type Path } from '../fault.ts';
import { freeAddress } from './free.ts';

/** Addresses, MACs and the router's interface names are there once. */
export function duplicateRule(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  const once = (what: string, rule: string, right: (item: DraftInterface) => string) => {
    const seen = new Map<string, Path>();
    return (value: string | undefined, item: DraftInterface, key: string) => {
      if (value === undefined) return;
      const before = seen.get(value);
      if (!before) seen.set(value, item.path);
      else {
        const message = `${value} is the ${what} of ${formatPath(before)} already`;
        findings.push({ path: [...item.path, key], message, rule, right: right(item) });
      }
    };
  };
  const address = once('address', 'every interface has an address of its own', (item) => {
    const free = freeAddress(
      draft,
      draft.networks?.find((network) => network.name === item.network),
    );
    return free === undefined ? 'an address that nothing else has' : `a free address, such as ${free}`;
  });
  const mac = once(
    'MAC',
    'every interface has a MAC of its own',
    () => 'another MAC, or none: one is chosen then',
  );
  const name = once(
    'interface',
    "the router's interfaces have different names",
    () => 'another name, or none: the name of the network is used then',
  );
  for (const item of interfacesOf(draft)) {
    address(item.address === undefined ? undefined : formatAddress(item.address), item, 'address');
    mac(item.mac, item, 'mac');
    if (item.owner === 'router') name(item.interface, item, 'interface');
  }
  return findings;
}
