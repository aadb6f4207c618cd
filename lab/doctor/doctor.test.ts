import { describe, expect, it } from 'vitest';
import { CAPABILITIES, readModules, readProbe } from './capabilities.ts';
import { readHostRoutes } from './host-routes.ts';
import { lacksTunnel, renderDoctor } from './render.ts';
import type { DoctorReport } from './report.ts';

const report: DoctorReport = {
  engine: {
    version: '20.10.24',
    storageDriver: 'overlay2',
    operatingSystem: 'Debian GNU/Linux 12',
    kernel: '6.18.0',
    cgroupVersion: '1',
    host: 'unix:///var/run/docker.sock',
    from: 'the default socket',
    appArmor: false,
    processors: 2,
    memory: 8 * 2 ** 30,
  },
  machine: {
    platform: 'linux/x64',
    distribution: 'Debian GNU/Linux 12',
    kernel: '6.18.0',
    node: 'v20.20.2',
    freeMemory: 2 ** 32,
    freeDisk: 3 * 2 ** 30,
    diskPath: '/var/lib/docker',
  },
  capabilities: [
    { name: 'ipip', present: 'no', required: false, effect: 'tunl0 in user space' },
    { name: 'tun', present: 'yes', required: false, effect: 'tunl0d' },
    { name: 'overlay', present: 'unknown', required: true, effect: 'if not: no pods' },
  ],
  probedBy: 'tried',
  addresses: [
    { network: 'nodes', subnet: '10.1.110.0/24', clashes: [], hostRoutes: ['a route to 10.0.0.0/8 by eth0'] },
  ],
  ok: true,
};

describe('renderDoctor', () => {
  it('renders a machine that can', () => {
    expect(
      renderDoctor(report),
    ).toBe(`engine    Docker 20.10.24 at unix:///var/run/docker.sock (the default socket)
          Debian GNU/Linux 12, kernel 6.18.0, overlay2, cgroup v1, no AppArmor
          2 processors, 8.0 GiB memory
machine   Debian GNU/Linux 12, linux/x64, kernel 6.18.0
node      v20.20.2
free      4.0 GiB memory, 3.0 GiB disk (/var/lib/docker)

KERNEL    HAS IT    WHAT THE LAB DOES
ipip      no        tunl0 in user space
tun       yes       tunl0d
overlay   unknown   if not: no pods

(tried)

NETWORK   ADDRESSES       STATE
nodes     10.1.110.0/24   free; the host also has a route to 10.0.0.0/8 by eth0, which does not matter

Nothing stands in the way of a lab.`);
  });

  it('names every obstacle', () => {
    const text = renderDoctor({
      ...report,
      engine: { problem: 'connect ENOENT', next: 'npm run lab up' },
      capabilities: [
        { name: 'ipip', present: 'no', required: false, effect: '' },
        { name: 'tun', present: 'no', required: false, effect: '' },
        { name: 'overlay', present: 'no', required: true, effect: '' },
      ],
      addresses: [
        {
          network: 'nodes',
          subnet: '10.1.110.0/24',
          clashes: [{ subnet: '10.1.110.0/24', with: '10.1.0.0/16', network: 'hoplab-x-nodes', lab: 'x' }],
          hostRoutes: [],
        },
      ],
      ok: false,
    });
    expect(text).toContain('TAKEN by hoplab-x-nodes 10.1.0.0/16 (lab x)');
    expect(text).toMatch(
      /^In the way of a lab: no Docker engine; the kernel has no overlay; the kernel has neither ipip nor tun; the addresses of network nodes are taken\.$/m,
    );
  });
});

describe('capabilities', () => {
  it('covers what the lab promises to look for', () => {
    const names = CAPABILITIES.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'ipip',
        'ip_vs',
        'ipvlan',
        'macvlan',
        'vxlan',
        'netem',
        'nf_conntrack',
        'NFLOG',
        'TRACE',
      ]),
    );
  });
  it('reads the probe', () => {
    expect(readProbe('ipip no\nRTNETLINK answers: x\nvxlan yes\n')).toEqual(
      new Map([
        ['ipip', 'no'],
        ['vxlan', 'yes'],
      ]),
    );
  });
  it('takes a module that is loaded, built in or on disk for present, and knows nothing of others', () => {
    const found = readModules(
      'ipip 20480 0 - Live 0x0\n',
      'kernel/net/sched/sch_netem.ko\nkernel/drivers/net/ipvlan/ipvlan.ko.xz: kernel/x.ko\n',
    );
    expect([found.get('ipip'), found.get('netem'), found.get('ipvlan'), found.get('ip_vs')]).toEqual([
      'yes',
      'yes',
      'yes',
      'unknown',
    ]);
  });
  it('knows that either of two gives tunl0', () => {
    expect(lacksTunnel(report.capabilities)).toBe(false);
    expect(
      lacksTunnel(report.capabilities.map((capability) => ({ ...capability, present: 'no' as const }))),
    ).toBe(true);
  });
});

describe('readHostRoutes', () => {
  it('reads little-endian addresses and leaves the default route out', () => {
    const text =
      'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\neth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\ndocker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n';
    expect(readHostRoutes(text)).toEqual([{ destination: '172.17.0.0/16', device: 'docker0' }]);
  });
});
