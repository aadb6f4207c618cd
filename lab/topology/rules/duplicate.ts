import { formatAddress } from '../address.ts';
import { type Draft, interfacesOf } from '../draft.ts';
import { type Finding, formatPath, type Path } from '../fault.ts';

/** Addresses, MACs and the router's interface names are there once. */
export function duplicateRule(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  const once = (what: string, rule: string, right: string) => {
    const seen = new Map<string, Path>();
    return (value: string | undefined, path: Path) => {
      if (value === undefined) return;
      const before = seen.get(value);
      if (!before) seen.set(value, path);
      else
        findings.push({
          path,
          message: `${value} is the ${what} of ${formatPath(before)} already`,
          rule,
          right,
        });
    };
  };
  const address = once(
    'address',
    'every interface has an address of its own',
    'an address of the network that nothing else uses',
  );
  const mac = once('MAC', 'every interface has a MAC of its own', 'another MAC, or none: one is chosen then');
  const name = once(
    'interface',
    "the router's interfaces have different names",
    'another name, or none: the name of the network is used then',
  );
  for (const item of interfacesOf(draft)) {
    address(item.address === undefined ? undefined : formatAddress(item.address), [...item.path, 'address']);
    mac(item.mac, [...item.path, 'mac']);
    if (item.owner === 'router') name(item.interface, [...item.path, 'interface']);
  }
  return findings;
}
