import { describe, expect, test } from 'vitest';
import {
  cidrOf,
  cidrRange,
  formatAddress,
  formatCidr,
  freeCidr,
  hostAddress,
  parseAddress,
  parseCidr,
  parseRange,
  prefixFor,
  prefixLength,
  rangeSize,
} from './address.ts';

const range = (text: string) => {
  const parsed = parseRange(text);
  if (!parsed) throw new Error(`${text} is not a range`);
  return parsed;
};

describe('addresses', () => {
  test.each(['0.0.0.0', '10.1.110.102', '255.255.255.255'])('%s and back', (text) => {
    expect(formatAddress(parseAddress(text) ?? -1)).toBe(text);
  });

  test.each([
    '',
    '10.1.110',
    '10.1.110.256',
    '010.1.1.1',
    '10.1.1.1 ',
    '::1',
    '10.1.1.1/24',
    '0x0a.1.1.1',
    '1e1.0.0.1',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('blocks', () => {
  test('the blocks of the white paper', () => {
    const tunnel = parseAddress('192.168.8.193') ?? -1;
    expect(formatCidr(cidrOf(tunnel, 26))).toBe('192.168.8.192/26');
    expect(rangeSize(range('192.168.104.64/26'))).toBe(64);
  });

  test('the whole of IPv4, and one address', () => {
    expect(cidrRange(cidrOf(0, 0))).toEqual({ first: 0, last: 0xffffffff });
    expect(cidrRange(cidrOf(0xffffffff, 32))).toEqual({ first: 0xffffffff, last: 0xffffffff });
  });

  test.each([
    '10.1.110.0',
    '10.1.110.0/33',
    '10.1.110.0/024',
    '10.1.110.0/',
    '/24',
    '10.1.110.0/24/24',
    '10.1.110.0/-1',
  ])('%j is none', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test('addresses by number', () => {
    expect(hostAddress('10.96.0.0/16', 10)).toBe('10.96.0.10');
    expect(hostAddress('10.1.110.0/24', -2)).toBe('10.1.110.254');
    expect(() => hostAddress('10.1.110.0/24', 256)).toThrow(RangeError);
    expect(() => hostAddress('10.1.110.0/24', -257)).toThrow(RangeError);
    expect(prefixLength('10.1.110.0/24')).toBe(24);
  });

  test.each([
    [1, 32],
    [64, 26],
    [65, 25],
    [192, 24],
    [257, 23],
  ])('%i addresses need a /%i', (count, prefix) => {
    expect(prefixFor(count)).toBe(prefix);
  });
});

describe('ranges', () => {
  test('from-to, one address, and no range', () => {
    expect(rangeSize(range('10.1.110.105-10.1.110.106'))).toBe(2);
    expect(rangeSize(range('10.1.110.105 - 10.1.110.105'))).toBe(1);
    expect(parseRange('10.1.110.106-10.1.110.105')).toBeUndefined();
    expect(parseRange('10.1.110.1-10.1.110.2-10.1.110.3')).toBeUndefined();
  });

  test('a free block lies beside those taken', () => {
    const free = (prefix: number, ...taken: string[]) => {
      const cidr = freeCidr(prefix, taken.map(range));
      return cidr && formatCidr(cidr);
    };
    expect(free(24)).toBe('10.0.0.0/24');
    expect(free(24, '10.0.0.0/25')).toBe('10.0.1.0/24');
    expect(free(16, '10.0.0.0/8')).toBe('172.16.0.0/16');
    expect(free(16, '10.0.0.0/8', '172.16.0.0/12')).toBe('192.168.0.0/16');
    expect(free(16, '10.0.0.0/8', '172.16.0.0/12', '192.168.7.0/30')).toBeUndefined();
  });
});
