import { expect, test } from 'vitest';
import { OUTSIDE_DNS_COMMAND, outsideDnsConfig } from './outside-dns.ts';

const DNS = {
  listen: '10.1.0.53',
  domain: 'lab.example',
  machines: [
    { names: ['router'], address: '10.1.110.254' },
    { names: ['router'], address: '10.1.0.254' },
    { names: ['client'], address: '10.1.0.89' },
    { names: ['worker1', 'iks-networking-example-cl-iks-networ-7ab29bc950'], address: '10.1.110.102' },
    { names: ['small', 'small'], address: '10.1.110.103' },
  ],
  records: { 'example.com': '203.0.113.10', 'client.lab.example': '10.1.0.89', www: '10.1.0.89' },
};

test('machines under their names in the domain, then the other records, and nothing else', () => {
  expect(outsideDnsConfig(DNS)).toBe(`listen-address=10.1.0.53
bind-interfaces
no-resolv
no-hosts
local=/#/
local-ttl=60
log-queries
log-facility=-
pid-file=
user=root
host-record=router.lab.example,10.1.110.254
host-record=router.lab.example,10.1.0.254
host-record=client.lab.example,10.1.0.89
host-record=worker1.lab.example,iks-networking-example-cl-iks-networ-7ab29bc950.lab.example,10.1.110.102
host-record=small.lab.example,10.1.110.103
host-record=example.com,203.0.113.10
host-record=www.lab.example,10.1.0.89
`);
});

test('no server is ever asked, and none of the container is taken for one', () => {
  const lines = outsideDnsConfig(DNS).split('\n');
  expect(lines.filter((line) => /^(server|resolv-file|addn-hosts|conf-dir)/.test(line))).toEqual([]);
  expect(OUTSIDE_DNS_COMMAND).toEqual([
    '/usr/sbin/dnsmasq',
    '--keep-in-foreground',
    '--conf-file=/etc/dnsmasq.conf',
  ]);
});
