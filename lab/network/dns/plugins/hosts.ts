import { isIP, isIPv4 } from 'node:net';
import { absolute, addressRecord, canonical, isWithin, ptrRecord, RCODE, TYPE } from '../wire/index.ts';
import { addressOfReverse } from '../zone/index.ts';
import { failure, type Resolver, reply } from './resolver.ts';

export interface HostsEntry {
  readonly address: string;
  /** Absolute, in lower case. */
  readonly names: readonly string[];
}

export interface HostsOptions {
  /** A file in hosts(5) form, besides the entries. */
  readonly file?: string;
  readonly entries: readonly HostsEntry[];
  readonly zones: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  readonly fallthrough: readonly string[];
}

/** Reads hosts(5); lines that are not understood are left out, as resolvers do. */
export function parseHosts(text: string): HostsEntry[] {
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0 || names.length === 0) return [];
    return [{ address, names: names.map((name) => canonical(absolute(name))) }];
  });
}

/** The `hosts` plugin: names from a table. */
export function hosts({ entries, zones, ttl, fallthrough }: HostsOptions, next: Resolver): Resolver {
  const addresses = new Map<string, string[]>();
  const names = new Map<string, string[]>();
  for (const entry of entries) {
    for (const name of entry.names) {
      addresses.set(name, [...(addresses.get(name) ?? []), entry.address]);
      names.set(entry.address, [...(names.get(entry.address) ?? []), name]);
    }
  }
  return (question, asker) => {
    const { name, type } = question;
    if (!zones.some((zone) => isWithin(name, zone))) return next(question, asker);
    const reverse = type === TYPE.PTR ? names.get(addressOfReverse(name) ?? '') : undefined;
    const known = addresses.get(canonical(name));
    if (!reverse && !known) {
      if (fallthrough.some((zone) => isWithin(name, zone))) return next(question, asker);
      // There is no SOA to prove "no such name" with.
      return failure(`plugin/hosts: no entry for ${name}`);
    }
    const wanted = (known ?? []).filter((address) => type === (isIPv4(address) ? TYPE.A : TYPE.AAAA));
    const answers = [
      ...(reverse ?? []).map((target) => ptrRecord(name, ttl, target)),
      ...wanted.map((address) => addressRecord(name, ttl, address)),
    ];
    return reply({ rcode: RCODE.NOERROR, authoritative: true, answers });
  };
}
