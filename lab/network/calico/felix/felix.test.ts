import { describe, expect, it } from 'vitest';
import { ipsetRestoreInput, staticIpSets } from './ipsets.ts';
import { restoreInput } from './restore.ts';
import { restoreLines } from './rule.ts';
import { staticTables } from './static-chains.ts';
import { parseTunnelState, tunnelCommands } from './tunnel.ts';

const [nat] = staticTables({ encapsulated: true, natOutgoing: true });
if (!nat) throw new Error('no nat table');

/** What iptables-save prints once all of a table is in force, with a foreign rule around. */
function saveOf(foreign: { before?: string; after?: string } = {}): string {
  const builtIn = nat?.inserts.flatMap((chain) => [
    ...(chain.name === 'POSTROUTING' && foreign.before ? [foreign.before] : []),
    ...restoreLines(chain),
    ...(chain.name === 'POSTROUTING' && foreign.after ? [foreign.after] : []),
  ]);
  return [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [5:6]',
    ...(nat?.chains ?? []).map((chain) => `:${chain.name} - [0:0]`),
    ...(builtIn ?? []),
    ...(nat?.chains ?? []).flatMap((chain) => restoreLines(chain)),
    'COMMIT',
  ].join('\n');
}

describe('restoreInput', () => {
  it('writes everything into an empty table, jumps on top', () => {
    const input = restoreInput(nat, '*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n');
    expect(input).toContain(':cali-nat-outgoing - [0:0]');
    expect(input).toMatch(/-I POSTROUTING .*--jump cali-POSTROUTING/);
  });

  it('has nothing to do when all is in place', () => {
    expect(restoreInput(nat, saveOf())).toBeUndefined();
  });

  it("leaves others' rules behind its own alone", () => {
    expect(restoreInput(nat, saveOf({ after: '-A POSTROUTING -j KUBE-POSTROUTING' }))).toBeUndefined();
  });

  it('moves its jump back in front of a rule that was put before it', () => {
    const input = restoreInput(nat, saveOf({ before: '-A POSTROUTING -j KUBE-POSTROUTING' }));
    expect(input).toMatch(/-D POSTROUTING .*cali:O3lYWMrLQYEMJtB5/);
    expect(input).toMatch(/-I POSTROUTING .*cali:O3lYWMrLQYEMJtB5/);
    expect(input).not.toContain('KUBE-POSTROUTING');
  });

  it('rewrites only the chain that was changed by hand', () => {
    const save = saveOf()
      .split('\n')
      .filter((line) => !line.includes('flqWnvo8yq4ULQLa'))
      .join('\n');
    const input = restoreInput(nat, save);
    expect(input).toContain(':cali-nat-outgoing - [0:0]');
    expect(input).not.toContain(':cali-POSTROUTING');
  });
});

describe('ip sets', () => {
  it('swaps filled sets in', () => {
    const sets = staticIpSets({ podCIDR: '192.168.0.0/16', natOutgoing: false, hosts: ['10.1.110.102'] });
    const input = ipsetRestoreInput(sets);
    expect(input).toContain('add -exist cali4t0 192.168.0.0/16\nswap cali40all-ipam-pools cali4t0');
    expect(input).not.toContain('add -exist cali4t1');
    expect(input).toContain('add -exist cali4t2 10.1.110.102');
  });
});

describe('tunl0', () => {
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
});
