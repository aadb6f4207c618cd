import { describe, expect, it } from 'vitest';
import { humanDuration } from '../tables/index.ts';
import {
  canonicalQuantity,
  compareQuantities,
  contains,
  isValidIP,
  parseCIDR,
  parseIP,
  parseQuantity,
  specialRange,
} from './index.ts';

describe('quantities', () => {
  it.each([
    ['0.5', '500m'],
    ['1', '1'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['512', '512'],
    ['1000', '1k'],
    ['1000000', '1M'],
    ['1e3', '1e3'],
    ['0', '0'],
    ['0Gi', '0'],
    ['64Mi', '64Mi'],
    ['250M', '250M'],
    ['-1', '-1'],
    ['nonsense', 'nonsense'],
  ])('%s is written %s', (given, canonical) => {
    expect(canonicalQuantity(given)).toBe(canonical);
  });

  it('compare by value', () => {
    expect(compareQuantities('1', '1000m')).toBe(0);
    expect(compareQuantities('1Gi', '1G')).toBe(1);
    expect(compareQuantities('100Mi', '1Gi')).toBe(-1);
  });

  it.each(['', '.', 'Gi', '1GiB', '1 Gi', '--1'])('%j is none', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });
});

describe('addresses', () => {
  it.each([
    '10.0.0.1',
    '10.0.0.01',
    '::',
    '::1',
    'fd00::1',
    '2001:db8::ffff',
    '::ffff:10.0.0.1',
    '1:2:3:4:5:6:7:8',
  ])('%s is one', (text) => {
    expect(isValidIP(text)).toEqual([]);
  });

  it.each([
    '',
    'x',
    '10.0.0',
    '10.0.0.256',
    '1.2.3.4.5',
    ':',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'fffff::',
    '10.0.0.-1',
  ])('%j is none', (text) => {
    expect(parseIP(text)).toBeUndefined();
  });

  it('lie in prefixes', () => {
    const prefix = parseCIDR('10.96.0.0/16');
    expect(prefix && contains(prefix, { family: 4, value: parseIP('10.96.255.255')?.value ?? 0n })).toBe(
      true,
    );
    expect(prefix && contains(prefix, { family: 4, value: parseIP('10.97.0.0')?.value ?? 0n })).toBe(false);
    expect(parseCIDR('10.0.0.0/33')).toBeUndefined();
    expect(parseCIDR('10.0.0.0')).toBeUndefined();
  });

  it('are special or not', () => {
    expect(specialRange('127.0.0.53')).toContain('loopback');
    expect(specialRange('169.254.1.1')).toContain('link-local range');
    expect(specialRange('::')).toBe('may not be unspecified (::)');
    expect(specialRange('10.0.0.1')).toBeUndefined();
  });
});

// apimachinery's duration_test.go
describe('ages', () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  it.each([
    [0, '0s'],
    [-second, '0s'],
    [-2 * second, '<invalid>'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [2 * minute + second, '2m1s'],
    [10 * minute, '10m'],
    [10 * minute + 5 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour + minute, '3h1m'],
    [8 * hour + minute, '8h'],
    [47 * hour, '47h'],
    [2 * day, '2d'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day + 3 * hour, '8d'],
    [729 * day, '729d'],
    [2 * 365 * day + day, '2y1d'],
    [8 * 365 * day, '8y'],
  ])('%d ms print as %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });
});
