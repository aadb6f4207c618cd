import { renderTable } from '../output/index.ts';
import type { DoctorReport } from './report.ts';

/** The report as a table for people. */
export function renderDoctor(report: DoctorReport): string {
  const { engine, machine, capabilities, addresses } = report;
  const engineRows: Row[] =
    'problem' in engine
      ? [
          ['engine', `none: ${engine.problem}`],
          ['', `next: ${engine.next}`],
        ]
      : [
          ['engine', `Docker ${engine.version} at ${engine.host} (${engine.from})`],
          [
            '',
            `${engine.operatingSystem}, kernel ${engine.kernel}, ${engine.storageDriver}, cgroup v${engine.cgroupVersion}, ${engine.appArmor ? 'AppArmor' : 'no AppArmor'}`,
          ],
          ['', `${engine.processors} processors, ${gibibytes(engine.memory)} memory`],
        ];
  const parts = [
    columns([
      ...engineRows,
      ['machine', `${machine.distribution}, ${machine.platform}, kernel ${machine.kernel}`],
      ['node', machine.node],
      [
        'free',
        `${gibibytes(machine.freeMemory)} memory, ${gibibytes(machine.freeDisk)} disk (${machine.diskPath})`,
      ],
    ]),
    columns([
      ['KERNEL', 'HAS IT', 'WHAT THE LAB DOES'],
      ...capabilities.map(({ name, present, required, effect }) => [
        name,
        present === 'no' && required ? 'NO' : present,
        effect,
      ]),
    ]),
    `(${report.probedBy})`,
  ];
  if (addresses.length) {
    parts.push(
      columns([
        ['NETWORK', 'ADDRESSES', 'STATE'],
        ...addresses.map(({ network, subnet, clashes, hostRoutes }) => [
          network,
          subnet,
          clashes.length
            ? `TAKEN by ${clashes.map((clash) => `${clash.network} ${clash.with}${clash.lab ? ` (lab ${clash.lab})` : ''}`).join(', ')}`
            : `free${hostRoutes.length ? `; the host also has ${hostRoutes.join(', ')}, which does not matter` : ''}`,
        ]),
      ]),
    );
  }
  parts.push(report.ok ? 'Nothing stands in the way of a lab.' : obstacles(report));
  return parts.join('\n\n');
}

type Row = readonly string[];

function obstacles({ engine, capabilities, addresses }: DoctorReport): string {
  const found = [
    ...('problem' in engine ? ['no Docker engine'] : []),
    ...capabilities
      .filter(({ present, required }) => required && present === 'no')
      .map(({ name }) => `the kernel has no ${name}`),
    ...(lacksTunnel(capabilities) ? ['the kernel has neither ipip nor tun'] : []),
    ...addresses
      .filter(({ clashes }) => clashes.length)
      .map(({ network }) => `the addresses of network ${network} are taken`),
  ];
  return `In the way of a lab: ${found.join('; ')}.`;
}

/** tunl0 comes from the kernel or from a TUN device; one of them must be there. */
export function lacksTunnel(capabilities: DoctorReport['capabilities']): boolean {
  return ['ipip', 'tun'].every(
    (name) => capabilities.find((capability) => capability.name === name)?.present === 'no',
  );
}

const columns = ([first = [], ...others]: readonly Row[]): string => renderTable(first, others);

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
