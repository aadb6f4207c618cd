import { isIPv4 } from 'node:net';
import {
  absolute,
  addressRecord,
  canonical,
  cnameRecord,
  isWithin,
  nsRecord,
  ptrRecord,
  type Question,
  RCODE,
  type ResourceRecord,
  soaRecord,
  srvRecord,
  TYPE,
  txtRecord,
} from '../wire/index.ts';
import type { ClusterData } from './cluster-data.ts';
import { type Found, find, nameServers, namesOf, type Target } from './find.ts';
import { parseRequest } from './request.ts';
import { addressOfReverse } from './reverse.ts';
import { primaryZone, type ZoneOptions } from './zone-options.ts';

/** The cluster's names at one moment. */
export interface Zone {
  readonly options: ZoneOptions;
  readonly data: ClusterData;
  /** The server's own addresses, for NS records. */
  readonly localAddresses: readonly string[];
  /** The zone's version: seconds since 1970 of the last change. */
  readonly serial: number;
}

export interface ZoneAnswer {
  readonly rcode: number;
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  /** A name outside of the cluster at the end of the answers, whose records somebody else must add. */
  readonly follow?: string | undefined;
}

/** Version of the Kubernetes DNS specification that the names follow. */
const SCHEMA_VERSION = '1.1.0';
const SCHEMA_TTL = 28_800;
/** Longest chain of ExternalNames that point at each other. */
const MAX_CHAIN = 8;

/**
 * Answers a question from the cluster's objects. Pure.
 *
 * @returns undefined: no zone of the cluster's, or an unknown name that falls through to whoever is asked next
 * @see the DNS specification 1.1.0 of kubernetes/dns, and CoreDNS's plugin/kubernetes for what that leaves open
 */
export function answer(question: Question, zone: Zone): ZoneAnswer | undefined {
  const { options } = zone;
  const matching = options.zones.filter((candidate) => isWithin(question.name, candidate));
  const longest = matching.sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return undefined;
  // In the asker's letters, as the names in the answer are.
  const apex = longest === '.' ? '.' : question.name.slice(-longest.length);
  const { type } = question;
  if (type === TYPE.AXFR || type === TYPE.IXFR) return negative(RCODE.REFUSED);
  const found = records(question, apex, zone);
  if (found === undefined) {
    if (options.fallthrough.some((candidate) => isWithin(question.name, candidate))) return undefined;
    return negative(RCODE.NXDOMAIN, soa(apex, zone));
  }
  return found.answers.length > 0 ? found : negative(RCODE.NOERROR, soa(apex, zone));
}

const below = (name: string, apex: string) => (apex === '.' ? `${name}.` : `${name}.${apex}`);

const negative = (rcode: number, ...authority: ResourceRecord[]): ZoneAnswer => ({
  rcode,
  answers: [],
  authority,
  additional: [],
});

const positive = (answers: readonly ResourceRecord[], rest: Partial<ZoneAnswer> = {}): ZoneAnswer => ({
  rcode: RCODE.NOERROR,
  answers,
  authority: [],
  additional: [],
  ...rest,
});

/** The record that tells how long "no" may be remembered (RFC 2308). */
function soa(apex: string, { serial, options: { ttl } }: Zone): ResourceRecord {
  return soaRecord(apex, Math.min(ttl, 300), {
    primary: below('ns.dns', apex),
    mailbox: below('hostmaster', apex),
    serial,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: ttl,
  });
}

/** @returns undefined: there is no such name */
function records(question: Question, apex: string, zone: Zone): ZoneAnswer | undefined {
  const { name, type } = question;
  const { options, data } = zone;
  const { ttl } = options;
  const isApex = canonical(name) === canonical(apex);
  if (isApex && type === TYPE.SOA) return positive([soa(apex, zone)]);
  if (isApex && type === TYPE.NS) return nameServerRecords(name, apex, zone);
  if (canonical(name) === canonical(below('dns-version', apex))) {
    return positive(type === TYPE.TXT ? [txtRecord(name, SCHEMA_TTL, SCHEMA_VERSION)] : []);
  }
  const address = addressOfReverse(name);
  if (address !== undefined) {
    const names = namesOf(address, data, options);
    if (names.length === 0) return undefined;
    const domain = primaryZone(options);
    return positive(
      type === TYPE.PTR ? names.map((target) => ptrRecord(name, ttl, `${target}.${domain}`)) : [],
    );
  }
  const targets = targetsOf(name, apex, zone);
  if (targets === undefined) return undefined;
  switch (type) {
    case TYPE.A:
    case TYPE.AAAA:
      return addressRecords(question, targets, apex, zone, []);
    case TYPE.CNAME:
      return positive(
        targets.flatMap(({ externalName }) =>
          externalName ? [cnameRecord(name, ttl, absolute(externalName))] : [],
        ),
      );
    case TYPE.SRV:
      return srvRecords(name, targets, apex, ttl);
    default:
      // A name with a CNAME has no other records: the question is answered where it leads to (RFC 1034 §3.6.2).
      return targets.some(({ externalName }) => externalName)
        ? addressRecords(question, targets, apex, zone, [])
        : positive([]);
  }
}

function targetsOf(name: string, apex: string, { data, options, localAddresses }: Zone): Found {
  if (canonical(name) === canonical(below('ns.dns', apex))) return nameServers(localAddresses, data);
  // It exists, as the parent of ns.dns.
  if (canonical(name) === canonical(below('dns', apex))) return [];
  const request = parseRequest(name, apex);
  if (request === 'empty') return [];
  return request === 'invalid' ? undefined : find(request, data, options);
}

const ofFamily = (type: number) => (target: Target) =>
  target.address !== undefined && isIPv4(target.address) === (type === TYPE.A);

/** @param before names that the chain has gone through already */
function addressRecords(
  { name, type, class: klass }: Question,
  targets: readonly Target[],
  apex: string,
  zone: Zone,
  before: readonly string[],
): ZoneAnswer {
  const { ttl } = zone.options;
  const external = targets.find(({ externalName }) => externalName)?.externalName;
  if (external === undefined) {
    if (type !== TYPE.A && type !== TYPE.AAAA) return positive([]);
    const addresses = new Set(targets.filter(ofFamily(type)).map(({ address }) => address as string));
    return positive([...addresses].map((address) => addressRecord(name, ttl, address)));
  }
  const target = absolute(external);
  const chain = [...before, canonical(name)];
  // Names that lead to each other have no address; an endless answer would be worse.
  if (chain.includes(canonical(target)) || chain.length >= MAX_CHAIN) return positive([]);
  const cname = cnameRecord(name, ttl, target);
  if (!isWithin(target, apex)) return positive([cname], { follow: target });
  const next = targetsOf(target, apex, zone);
  if (next === undefined) return positive([]);
  const rest = addressRecords({ name: target, type, class: klass }, next, apex, zone, chain);
  return rest.answers.length > 0 ? { ...rest, answers: [cname, ...rest.answers] } : positive([]);
}

/** Every target weighs the same: 100 divided by their number (plugin/backend_lookup.go). */
function srvRecords(name: string, targets: readonly Target[], apex: string, ttl: number): ZoneAnswer {
  const weight = Math.max(1, Math.floor(100 / targets.length));
  const answers = new Map<string, ResourceRecord>();
  const additional = new Map<string, ResourceRecord>();
  for (const { address, port, owner } of targets) {
    if (address === undefined || port === undefined) continue;
    const target = below(owner, apex);
    answers.set(`${target}:${port}`, srvRecord(name, ttl, { priority: 0, weight, port, target }));
    additional.set(`${target} ${address}`, addressRecord(target, ttl, address));
  }
  return positive([...answers.values()], { additional: [...additional.values()] });
}

function nameServerRecords(name: string, apex: string, { data, options, localAddresses }: Zone): ZoneAnswer {
  const servers = nameServers(localAddresses, data);
  const names = new Set(servers.map(({ owner }) => below(owner, apex)));
  const answers = [...names].map((server) => nsRecord(name, options.ttl, server));
  const additional = servers.map(({ owner, address = '' }) =>
    addressRecord(below(owner, apex), options.ttl, address),
  );
  return positive(answers, { additional });
}
