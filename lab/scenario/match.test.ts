import { describe, expect, test } from 'vitest';
import { contains, equals, exitCode, holds, lines, matches, not, type Observation, rows } from './match.ts';

const out = (stdout: string, code = 0, stderr = ''): Observation => ({ stdout, stderr, code });

// Figure 110, as net-tools 2.10 prints it.
const ROUTE_N = out(`Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.1.110.254    0.0.0.0         UG    0      0        0 ens192
192.168.8.192   -               255.255.255.192 !     0      -        0 -
192.168.8.193   0.0.0.0         255.255.255.255 UH    0      0        0 cali21ac0ad37cb
192.168.104.64  10.1.110.102    255.255.255.192 UG    0      0        0 tunl0
`);

describe('contains and matches', () => {
  test('mark the lines in which it was seen', () => {
    expect(contains('tunl0').match(ROUTE_N)).toEqual({ held: true, lines: [5] });
    expect(matches(/^192\.168\.8\.193 .*\n.* tunl0$/).match(ROUTE_N)).toEqual({ held: true, lines: [4, 5] });
  });
  test('look at stderr too, as a terminal shows it', () => {
    const ping = out('1 packets transmitted\n', 1, 'ping: local error: message too long, mtu=1440\n');
    expect(contains('mtu=1440').match(ping)).toEqual({ held: true, lines: [1] });
  });
  test('fail on another text', () => {
    expect(contains('ipip').match(ROUTE_N)).toEqual({ held: false, why: 'it is not there' });
    expect(matches(/^tunl0/).match(ROUTE_N).held).toBe(false);
  });
  test('a global or sticky flag leaves no state behind', () => {
    const matcher = matches(/tunl0/g);
    expect([matcher.match(ROUTE_N).held, matcher.match(ROUTE_N).held]).toEqual([true, true]);
  });
});

describe('equals', () => {
  const seen = out('default via 169.254.1.1 dev eth0 \n169.254.1.1 dev eth0 scope link \n');
  test('ignores blanks at line ends', () => {
    expect(equals('default via 169.254.1.1 dev eth0\n169.254.1.1 dev eth0 scope link').match(seen).held).toBe(
      true,
    );
  });
  test('one line more is not equal', () => {
    expect(equals('default via 169.254.1.1 dev eth0').match(seen).held).toBe(false);
  });
  test('nothing', () => {
    expect(equals('').match(out('\n')).held).toBe(true);
    expect(equals('').match(out('x\n')).held).toBe(false);
  });
});

describe('lines', () => {
  test('in any order among others; a part of a line is not a line', () => {
    expect(lines('b', 'a').match(out('a \nx\nb\n'))).toEqual({ held: true, lines: [2, 0] });
    expect(lines('tunl0').match(ROUTE_N)).toEqual({ held: false, why: 'missing: "tunl0"' });
  });
});

describe('rows', () => {
  test('finds rows of route -n by column', () => {
    const verdict = rows(
      { Destination: '192.168.104.64', Gateway: '10.1.110.102', Flags: 'UG', Iface: 'tunl0' },
      { Destination: '192.168.8.192', Flags: '!' },
      { Destination: '192.168.8.193', Iface: /^cali[0-9a-f]{11}$/ },
    ).match(ROUTE_N);
    expect(verdict).toEqual({ held: true, lines: [5, 3, 4] });
  });
  test('a cell of another row does not count', () => {
    const verdict = rows({ Destination: '192.168.104.64', Iface: 'ens192' }).match(ROUTE_N);
    expect(verdict).toEqual({ held: false, why: 'no row with Destination 192.168.104.64, Iface ens192' });
  });
  test('the last column takes the rest of the line (birdc)', () => {
    const birdc = out(
      'BIRD 2.17.1 ready.\nName       Proto      Table      State  Since         Info\nMesh_10_1_110_107 BGP        ---        start  12:00:01.123  Connect       Error: Hold timer expired\n',
    );
    expect(rows({ Name: 'Mesh_10_1_110_107', Info: /Hold timer/ }).match(birdc).held).toBe(true);
    expect(rows({ Name: 'Mesh_10_1_110_107', Info: 'Established' }).match(birdc).held).toBe(false);
  });
  test('says when there is no table', () => {
    expect(rows({ Name: 'x' }).match(out('bird is down'))).toEqual({
      held: false,
      why: 'no line with the titles Name',
    });
  });
});

test('not shows where it is', () => {
  expect(not(contains('tunl0')).match(ROUTE_N)).toEqual({
    held: false,
    why: 'it is there: 192.168.104.64  10.1.110.102    255.255.255.192 UG    0      0        0 tunl0',
  });
  expect(not(contains('ipip')).match(ROUTE_N).held).toBe(true);
});

test('exitCode and holds', () => {
  expect(exitCode(1).match(out('', 1)).held).toBe(true);
  expect(exitCode(1).match(out('', 0))).toEqual({ held: false, why: 'exit code 0' });
  const even = holds('an even number of lines', ({ stdout }) => stdout.split('\n').length % 2 === 0 || 'odd');
  expect(even.match(out('a\n')).held).toBe(true);
  expect(even.match(out('a'))).toEqual({ held: false, why: 'odd' });
});
