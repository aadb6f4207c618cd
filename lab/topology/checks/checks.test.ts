import { describe, expect, test } from 'vitest';
import {
  addressFault,
  blockFault,
  macFault,
  podCidrFault,
  poolRangeFault,
  serviceCidrFault,
  subnetFault,
} from './address.ts';
import { domainFault, interfaceNameFault, labNameFault, nodeNameFault } from './name.ts';
import { asNumberFault, mtuFault } from './number.ts';

describe('right values', () => {
  test.each([
    ['10.1.110.102', addressFault],
    ['10.1.110.0/24', subnetFault],
    ['10.96.0.0/24', serviceCidrFault],
    ['10.0.0.0/8', serviceCidrFault],
    ['192.168.0.0/16', podCidrFault],
    ['192.168.8.192/26', blockFault],
    ['10.1.110.104/32', poolRangeFault],
    ['10.1.110.105-10.1.110.106', poolRangeFault],
    ['00:50:56:93:1c:47', macFault],
    ['02:42:AC:11:00:02', macFault],
    ['iks', labNameFault],
    ['iks-networking-example-cl-iks-networ-ac625d72ba', nodeNameFault],
    ['cluster.local', domainFault],
    ['ens192', interfaceNameFault],
    ['eth0.100', interfaceNameFault],
    ['exactly-15-long', interfaceNameFault],
  ] as const)('%s', (value, check) => {
    expect(check(value)).toBeUndefined();
  });
});

describe('wrong values say what would be right', () => {
  test.each([
    ['10.96.0.0/25', serviceCidrFault, '10.96.0.0/24'],
    ['10.1.110.5/24', subnetFault, 'did you mean 10.1.110.0/24?'],
    ['10.1.110.0/30', subnetFault, '10.1.110.0/29'],
    ['10.1.110.010', addressFault, 'did you mean 10.1.110.10?'],
    ['fd00::1', addressFault, 'IPv4'],
    ['::', addressFault, 'IPv4'],
    ['224.0.0.1', addressFault, '10.1.110.102'],
    ['127.0.0.1', addressFault, '10.1.110.102'],
    ['255.255.255.255', addressFault, '10.1.110.102'],
    ['126.0.0.0/7', podCidrFault, '192.168.0.0/16'],
    ['10.1.110.104', poolRangeFault, 'did you mean 10.1.110.104/32?'],
    ['10.1.110.106-10.1.110.105', poolRangeFault, 'did you mean 10.1.110.105-10.1.110.106?'],
    ['10.1.110.104/24', poolRangeFault, 'did you mean 10.1.110.0/24?'],
    ['0050.5693.1c47', macFault, '"00:50:56:93:1c:47"'],
    ['00-50-56-93-1C-47', macFault, '"00:50:56:93:1c:47"'],
    ['ff:ff:ff:ff:ff:ff', macFault, '00:50:56:93:1c:47'],
    ['00:00:00:00:00:00', macFault, '00:50:56:93:1c:47'],
    ['My Lab', labNameFault, 'did you mean my-lab?'],
    ['--', labNameFault, 'iks'],
    ['a..b', nodeNameFault, 'did you mean a.b?'],
    ['tunl0', interfaceNameFault, 'ens192'],
    ['cali12345678901', interfaceNameFault, 'ens192'],
    ['sixteen-letters-', interfaceNameFault, 'ens192'],
    ['a/b', interfaceNameFault, 'ens192'],
    ['..', interfaceNameFault, 'ens192'],
  ] as const)('%s', (value, check, right) => {
    expect(check(value)?.right).toContain(right);
  });

  test('numbers', () => {
    expect(mtuFault(67)?.message).toBe('67 is too small');
    expect(mtuFault(65536)?.message).toBe('65536 is too large');
    expect(mtuFault(1500.5)?.message).toBe('1500.5 is not a whole number');
    expect(mtuFault(68)).toBeUndefined();
    expect([64512, 1, 4200000000].map(asNumberFault)).toEqual([undefined, undefined, undefined]);
    expect(
      [0, 23456, 65535, 4294967295, 4294967296].map((n) => asNumberFault(n) === undefined),
    ).not.toContain(true);
  });
});
