/** Record types (IANA "DNS Parameters") that the server looks at; all others pass through by number. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

const MORE_TYPES: Readonly<Record<string, number>> = {
  HINFO: 13,
  NAPTR: 35,
  DNAME: 39,
  DS: 43,
  SSHFP: 44,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  CAA: 257,
};

const TYPE_NAMES = new Map<number, string>(
  Object.entries({ ...TYPE, ...MORE_TYPES }).map(([name, code]) => [code, name]),
);

/** `A`, or `TYPE65280` for a type without a name (RFC 3597 §5). */
export const typeName = (type: number): string => TYPE_NAMES.get(type) ?? `TYPE${type}`;

export const CLASS = { IN: 1, CH: 3, ANY: 255 } as const;

export const className = (value: number): string =>
  ({ 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' })[value] ?? `CLASS${value}`;

/** Response codes (RFC 1035 §4.1.1); BADVERS needs the upper bits in an OPT record (RFC 6891 §6.1.3). */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

const RCODE_NAMES = new Map<number, string>(Object.entries(RCODE).map(([name, code]) => [code, name]));

export const rcodeName = (rcode: number): string => RCODE_NAMES.get(rcode) ?? `RCODE${rcode}`;

export const OPCODE_QUERY = 0;
