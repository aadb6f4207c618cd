import { expect, it } from 'vitest';
import { parseTunnelState, tunnelCommands } from './tunnel.ts';

const down = JSON.stringify([
  {
    mtu: 1480,
    flags: ['POINTOPOINT', 'NOARP'],
    addr_info: [{ family: 'inet6', local: 'fe80::1', prefixlen: 64 }],
  },
]);

it('gets MTU, address and state', () => {
  expect(tunnelCommands(parseTunnelState(down), '192.168.8.192', 1440)).toEqual([
    'link set dev tunl0 mtu 1440',
    'addr add 192.168.8.192/32 dev tunl0 scope global',
    'link set dev tunl0 up',
  ]);
});

it('loses a foreign address and keeps what is right', () => {
  const state = { mtu: 1440, up: true, addresses: ['192.168.8.192/32', '10.9.9.9/24'] };
  expect(tunnelCommands(state, '192.168.8.192', 1440)).toEqual(['addr del 10.9.9.9/24 dev tunl0']);
});
