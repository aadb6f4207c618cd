import ipaddr from 'ipaddr.js';
import { CLASS, TYPE, typeName } from './codes.ts';
import type { DataPart, ResourceRecord } from './message.ts';

const record = (name: string, type: number, ttl: number, ...data: DataPart[]): ResourceRecord => ({
  name,
  type,
  class: CLASS.IN,
  ttl,
  data,
});

const u16 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, 2 * index);
  return bytes;
};

const u32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * index);
  return bytes;
};

/** An A or AAAA record, by the address's family. @param address a valid IPv4 or IPv6 address */
export function addressRecord(name: string, ttl: number, address: string): ResourceRecord {
  const bytes = Buffer.from(ipaddr.parse(address).toByteArray());
  return record(name, bytes.length === 4 ? TYPE.A : TYPE.AAAA, ttl, bytes);
}

export const cnameRecord = (name: string, ttl: number, target: string) =>
  record(name, TYPE.CNAME, ttl, target);

export const ptrRecord = (name: string, ttl: number, target: string) => record(name, TYPE.PTR, ttl, target);

export const nsRecord = (name: string, ttl: number, server: string) => record(name, TYPE.NS, ttl, server);

export interface SrvData {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** RFC 2782. */
export const srvRecord = (name: string, ttl: number, { priority, weight, port, target }: SrvData) =>
  record(name, TYPE.SRV, ttl, u16(priority, weight, port), target);

/** One character-string; RFC 1035 §3.3.14. @param text at most 255 bytes */
export const txtRecord = (name: string, ttl: number, text: string) =>
  record(name, TYPE.TXT, ttl, Buffer.concat([Buffer.of(Buffer.byteLength(text)), Buffer.from(text)]));

export interface SoaData {
  readonly primary: string;
  readonly mailbox: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

export const soaRecord = (name: string, ttl: number, soa: SoaData) =>
  record(
    name,
    TYPE.SOA,
    ttl,
    soa.primary,
    soa.mailbox,
    u32(soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum),
  );

/** The last field of an SOA: how long its negative answers may be kept (RFC 2308 §4). @returns seconds */
export function soaMinimum(soa: ResourceRecord): number | undefined {
  const numbers = soa.data[2];
  return Buffer.isBuffer(numbers) && numbers.length === 20 ? numbers.readUInt32BE(16) : undefined;
}

/** A record as zone files write it, e.g. `www.lab.example. 30 IN A 10.1.0.89`; RFC 3597's form for other types. */
export function recordText({ name, type, ttl, data }: ResourceRecord): string {
  return `${name} ${ttl} IN ${typeName(type)} ${dataText(type, data)}`;
}

function dataText(type: number, data: readonly DataPart[]): string {
  const [first, second, third] = data;
  if (Buffer.isBuffer(first) && (type === TYPE.A || type === TYPE.AAAA)) {
    return ipaddr.fromByteArray([...first]).toString();
  }
  if (type === TYPE.TXT && Buffer.isBuffer(first)) return JSON.stringify(first.toString('latin1', 1));
  if (type === TYPE.SOA && Buffer.isBuffer(third)) {
    return [first, second, ...[0, 4, 8, 12, 16].map((at) => third.readUInt32BE(at))].join(' ');
  }
  return data
    .map((part) => {
      if (typeof part === 'string') return part;
      if (type !== TYPE.SRV && type !== TYPE.MX) return `\\# ${part.length} ${part.toString('hex')}`;
      return Array.from({ length: part.length / 2 }, (_, index) => part.readUInt16BE(2 * index)).join(' ');
    })
    .join(' ');
}
