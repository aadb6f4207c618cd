import { expect, it } from 'vitest';
import { isTunnel, isTunnelEvent, saysGone } from './tunnel-device.ts';

// `ip monitor link` (iproute2 6.15) while tunl0d ended and started again, and a kernel's own device.
it.each([
  ['Deleted 2: tunl0: <POINTOPOINT,NOARP> mtu 1440 qdisc noop state DOWN group default ', true],
  ['3: tunl0: <POINTOPOINT,MULTICAST,NOARP> mtu 1500 qdisc noop state DOWN group default ', true],
  ['4: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1480 qdisc noqueue state UNKNOWN group default ', true],
  ['    link/ipip 0.0.0.0 peer 0.0.0.0', false],
  ['7: cali11aba968e90@if2: <BROADCAST,UP> mtu 1440 qdisc noqueue state UP group default ', false],
  ['9: tunl01: <NOARP> mtu 1480 qdisc noop state DOWN group default ', false],
])('%s', (line, about) => {
  expect(isTunnelEvent(line)).toBe(about);
});

it('takes a device for tunl0 when it is of its link type', () => {
  expect(isTunnel('[{"ifindex":3,"ifname":"tunl0","flags":["NOARP"],"link_type":"ipip"}]')).toBe(true);
  expect(isTunnel('[{"ifindex":3,"ifname":"tunl0","flags":["NOARP"],"link_type":"none"}]')).toBe(false);
  expect(isTunnel('[{}]')).toBe(false);
});

it('knows what iproute2 says of a device that is gone', () => {
  expect(saysGone('Device "tunl0" does not exist.\n')).toBe(true);
  expect(saysGone('Cannot find device "tunl0"\nCommand failed -:1\n')).toBe(true);
  expect(saysGone('RTNETLINK answers: Operation not permitted\n')).toBe(false);
});
