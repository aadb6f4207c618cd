import { describe, expect, it } from 'vitest';
import { checkProblems, type Observed } from './check-problems.ts';
import { CNI_ERROR, CniError } from './errors.ts';
import { parseResult, renderError, renderResult } from './result.ts';
import { podMac, wiringPlan } from './wiring.ts';

const made = {
  hostInterface: 'cali21ac0ad37cb',
  hostMac: 'ee:ee:ee:ee:ee:ee',
  podInterface: 'eth0',
  podMac: '02:00:00:00:00:01',
  netns: '/run/netns/cni-1',
  address: '192.168.8.193',
};

describe('wiringPlan', () => {
  it("has Calico's steps in Calico's order", () => {
    expect(wiringPlan(made, 1440, 77)).toEqual({
      podSysctls: [{ path: 'net/ipv4/ip_forward', value: '0' }],
      pod: [
        'link add name eth0 mtu 1440 address 02:00:00:00:00:01 type veth peer name cali21ac0ad37cb mtu 1440',
        'link set dev cali21ac0ad37cb address ee:ee:ee:ee:ee:ee',
        'link set dev cali21ac0ad37cb up',
        'link set dev eth0 up',
        'route add 169.254.1.1 dev eth0 scope link',
        'route add default via 169.254.1.1 dev eth0',
        'address add 192.168.8.193/32 dev eth0',
        'link set dev cali21ac0ad37cb netns 77',
      ],
      hostSysctls: [
        { path: 'net/ipv6/conf/cali21ac0ad37cb/accept_ra', value: '0', optional: true },
        { path: 'net/ipv4/neigh/cali21ac0ad37cb/proxy_delay', value: '0' },
        { path: 'net/ipv4/conf/cali21ac0ad37cb/proxy_arp', value: '1' },
        { path: 'net/ipv4/conf/cali21ac0ad37cb/forwarding', value: '1' },
      ],
      host: [
        'link set dev cali21ac0ad37cb up',
        'route replace 192.168.8.193/32 dev cali21ac0ad37cb scope link',
      ],
    });
  });
});

it('makes unicast, locally administered MACs', () => {
  expect(podMac(Uint8Array.of(0xff, 1, 2, 3, 4, 0xff))).toBe('fe:01:02:03:04:ff');
  expect(podMac(Uint8Array.of(0, 1, 2, 3, 4, 5))).toBe('02:01:02:03:04:05');
});

describe('result', () => {
  it('follows the version of the configuration', () => {
    const ips = [{ interface: 1, address: '192.168.8.193/32' }];
    const interfaces = [
      { name: 'cali21ac0ad37cb', mac: 'ee:ee:ee:ee:ee:ee' },
      { name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/run/netns/cni-1' },
    ];
    expect(JSON.parse(renderResult('1.0.0', made))).toEqual({
      cniVersion: '1.0.0',
      interfaces,
      ips,
      dns: {},
    });
    expect(JSON.parse(renderResult('0.3.1', made)).ips).toEqual([{ version: '4', ...ips[0] }]);
  });

  it('has errors in the form of the specification', () => {
    const error = new CniError(CNI_ERROR.wiring, 'cannot wire', 'File exists');
    expect(JSON.parse(renderError('1.0.0', error))).toEqual({
      cniVersion: '1.0.0',
      code: 103,
      msg: 'cannot wire',
      details: 'File exists',
    });
  });
});

describe('checkProblems', () => {
  const host = made.hostInterface;
  const wanted = {
    hostInterface: host,
    podInterface: 'eth0',
    netns: made.netns,
    mtu: 1440,
    held: [made.address],
  };
  const previous = parseResult(JSON.parse(renderResult('1.0.0', made)));
  const healthy: Observed = {
    podLink: {
      mtu: 1440,
      address: made.podMac,
      flags: ['BROADCAST', 'UP'],
      addr_info: [{ local: made.address, prefixlen: 32 }],
    },
    podRoutes: [
      { dst: 'default', gateway: '169.254.1.1', dev: 'eth0' },
      { dst: '169.254.1.1', dev: 'eth0', scope: 'link' },
      { dst: '10.0.0.0/8', dev: 'eth0' },
    ],
    hostLink: { mtu: 1440, address: made.hostMac, flags: ['UP'] },
    hostRoutes: [{ dst: made.address, dev: host, scope: 'link' }],
    sysctls: {
      [`net/ipv4/conf/${host}/proxy_arp`]: '1',
      [`net/ipv4/conf/${host}/forwarding`]: '1',
      [`net/ipv4/neigh/${host}/proxy_delay`]: '0',
    },
  };

  it('finds nothing where nothing has changed; further routes are no fault', () => {
    expect(checkProblems(wanted, previous, healthy)).toEqual([]);
  });

  it.each<[string, Partial<Observed>]>([
    ['eth0 is missing in /run/netns/cni-1', { podLink: undefined }],
    ['no route to 169.254.1.1 through eth0', { podRoutes: healthy.podRoutes.slice(0, 1) }],
    ['no default route via 169.254.1.1 in /run/netns/cni-1', { podRoutes: healthy.podRoutes.slice(1) }],
    [`${host} is missing on the node`, { hostLink: undefined }],
    [`${host} is down`, { hostLink: { mtu: 1440, address: made.hostMac, flags: [] } }],
    [`the node has no route to 192.168.8.193 through ${host}`, { hostRoutes: [] }],
    [`net/ipv4/neigh/${host}/proxy_delay is undefined, not 0`, { sysctls: {} }],
  ])('finds: %s', (problem, change) => {
    expect(checkProblems(wanted, previous, { ...healthy, ...change })).toContain(problem);
  });

  it('finds an address that IPAM has given away, and a result that is not of this container', () => {
    expect(checkProblems({ ...wanted, held: [] }, previous, healthy)).toEqual([
      'address 192.168.8.193 is not reserved for this container in IPAM',
    ]);
    expect(checkProblems({ ...wanted, netns: '/run/netns/cni-2' }, previous, healthy)).toEqual([
      'prevResult has no interface eth0 in /run/netns/cni-2',
    ]);
    expect(checkProblems(wanted, { interfaces: [], ips: [] }, healthy)).toContain(
      'prevResult has no address',
    );
  });
});
