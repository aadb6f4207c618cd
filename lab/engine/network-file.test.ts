import { describe, expect, it } from 'vitest';
import { renderNetworkFile } from './network-file.ts';

describe('renderNetworkFile', () => {
  it('renders a node', () => {
    expect(
      renderNetworkFile({
        links: [
          { name: 'ens192', address: '10.1.110.107', prefixLength: 24, mac: '00:50:56:93:1c:47', mtu: 1500 },
        ],
        routes: [{ destination: 'default', via: '10.1.110.254' }],
        nameservers: ['10.1.0.53'],
        search: ['lab.example'],
        hosts: [{ address: '10.1.110.107', names: ['worker2', 'iks-x'] }],
        sysctls: { 'net.ipv4.ip_forward': 1 },
        tunl0: true,
      }),
    ).toBe(`# Written by hoplab; read by lab-init at each start of the container.
link ens192 10.1.110.107/24 00:50:56:93:1c:47 1500
route default via 10.1.110.254
nameserver 10.1.0.53
search lab.example
host 10.1.110.107 worker2 iks-x
sysctl net.ipv4.ip_forward 1
tunl0
`);
  });

  it('renders a router', () => {
    expect(
      renderNetworkFile({
        links: [{ name: 'eth0', address: '203.0.113.1', prefixLength: 24, mtu: 1400 }],
        routes: [{ destination: '10.9.0.0/16', via: '10.1.0.2', device: 'eth1' }],
        masquerade: ['eth0'],
      }),
    ).toContain(
      'link eth0 203.0.113.1/24 - 1400\nroute 10.9.0.0/16 via 10.1.0.2 dev eth1\nmasquerade eth0\n',
    );
  });

  it.each(['a b', 'a\nsysctl x 1', ''])('refuses %j, which would be read as something else', (name) => {
    expect(() =>
      renderNetworkFile({ links: [{ name, address: '10.0.0.1', prefixLength: 24, mtu: 1500 }] }),
    ).toThrow(TypeError);
  });
});
