import { describe, expect, it } from 'vitest';
import { staticIpSets } from './ip-set.ts';
import { ipSetChange, parseIpSetSave, unwantedIpSets } from './restore.ts';

const sets = staticIpSets({ podCIDR: '192.168.0.0/16', natOutgoing: false, hosts: ['10.1.110.102'] });

const SAVE = `create cali40all-ipam-pools hash:net family inet hashsize 1024 maxelem 1048576 bucketsize 12 initval 0x1
add cali40all-ipam-pools 192.168.0.0/16
create cali40masq-ipam-pools hash:net family inet hashsize 1024 maxelem 1048576
create mine hash:ip family inet
add mine 10.0.0.1
create cali40all-hosts-net hash:net family inet hashsize 1024 maxelem 1048576
add cali40all-hosts-net 10.1.110.102
add cali40all-hosts-net 10.1.110.107
`;

describe('ip sets', () => {
  it('are made with their members', () => {
    expect(ipSetChange(sets, new Map())?.input.split('\n')).toEqual([
      'create -exist cali40all-ipam-pools hash:net family inet hashsize 1024 maxelem 1048576',
      'add -exist cali40all-ipam-pools 192.168.0.0/16',
      'create -exist cali40masq-ipam-pools hash:net family inet hashsize 1024 maxelem 1048576',
      'create -exist cali40all-hosts-net hash:net family inet hashsize 1024 maxelem 1048576',
      'add -exist cali40all-hosts-net 10.1.110.102',
      '',
    ]);
  });

  it('lose and gain single members', () => {
    const change = ipSetChange(sets, parseIpSetSave(SAVE));
    expect(change?.input).toBe('del -exist cali40all-hosts-net 10.1.110.107\n');
    expect(change && ipSetChange(sets, change.after)).toBeUndefined();
  });

  it('take a single address with its length for the same', () => {
    const written = [
      { name: 'cali40all-hosts-net', type: 'hash:net', members: ['10.1.110.102/32', '10.1.110.107'] },
    ] as const;
    expect(ipSetChange(written, parseIpSetSave(SAVE))).toBeUndefined();
  });

  it("are not wanted any more when nothing names them, others' aside", () => {
    expect(unwantedIpSets(sets.slice(1), parseIpSetSave(SAVE))).toEqual(['cali40all-ipam-pools']);
  });
});
