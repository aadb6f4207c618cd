import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { arch, freemem, platform, release } from 'node:os';
import { distribution } from '../bootstrap/system.js';
import {
  addressClashes,
  type Engine,
  findRunningEngine,
  REPOSITORY,
  subnetsOverlap,
} from '../engine/index.ts';
import { EXIT } from '../errors/index.ts';
import { CAPABILITIES, type Presence } from './capabilities.ts';
import { readHostRoutes } from './host-routes.ts';
import { probeKernel } from './probe.ts';
import { lacksTunnel, renderDoctor } from './render.ts';
import type { AddressFinding, CapabilityFinding, DoctorReport, EngineFacts, MachineFacts } from './report.ts';

export type { DoctorReport } from './report.ts';
export { renderDoctor };

export interface DoctorOptions {
  /** The topology whose addresses are looked at. */
  readonly topology?: {
    readonly name: string;
    readonly networks: Readonly<Record<string, { readonly subnet: string }>>;
  };
  readonly output?: 'table' | 'json';
}

/** `lab doctor`: prints the report; 0 when nothing stands in the way of a lab, 3 otherwise. Starts and installs nothing. */
export async function doctorCommand(
  options: DoctorOptions,
  io: { readonly stdout: { write(text: string): unknown } },
): Promise<number> {
  const report = await examine(options);
  io.stdout.write(`${options.output === 'json' ? JSON.stringify(report, null, 2) : renderDoctor(report)}\n`);
  return report.ok ? EXIT.ok : EXIT.environment;
}

/** Finds out everything; never starts or installs an engine. */
export async function examine({ topology }: DoctorOptions): Promise<DoctorReport> {
  const found = await findRunningEngine();
  const engine = 'problem' in found ? undefined : found;
  const [facts, probe, addresses] = await Promise.all([
    engine ? engineFacts(engine) : (found as { problem: string; next: string }),
    probeKernel(engine),
    addressFindings(engine, topology),
  ]);
  const capabilities = CAPABILITIES.map((capability): CapabilityFinding => {
    const present: Presence = probe.found.get(capability.name) ?? 'unknown';
    const effect =
      present === 'yes'
        ? capability.present
        : present === 'no'
          ? capability.absent
          : `if not: ${capability.absent}`;
    return { name: capability.name, present, required: capability.required, effect };
  });
  const ok =
    engine !== undefined &&
    capabilities.every(({ present, required }) => !(required && present === 'no')) &&
    !lacksTunnel(capabilities) &&
    addresses.every(({ clashes }) => clashes.length === 0);
  return {
    engine: facts,
    machine: await machineFacts('storageDriver' in facts ? facts : undefined, engine),
    capabilities,
    probedBy: probe.by,
    addresses,
    ok,
  };
}

async function engineFacts(engine: Engine): Promise<EngineFacts> {
  const info = await engine.info();
  return {
    version: info.ServerVersion,
    storageDriver: info.Driver,
    operatingSystem: info.OperatingSystem,
    kernel: info.KernelVersion,
    cgroupVersion: info.CgroupVersion ?? '1',
    host: engine.host,
    from: engine.from,
    appArmor: info.SecurityOptions.some((option) => option.includes('apparmor')),
    processors: info.NCPU,
    memory: info.MemTotal,
  };
}

async function machineFacts(
  facts: EngineFacts | undefined,
  engine: Engine | undefined,
): Promise<MachineFacts> {
  const dataFolder = facts && engine ? (await engine.info()).DockerRootDir : '/var/lib/docker';
  const diskPath = existsSync(dataFolder) ? dataFolder : REPOSITORY;
  const disk = await statfs(diskPath);
  return {
    platform: `${platform()}/${arch()}`,
    distribution: distribution().name,
    kernel: release(),
    node: process.version,
    freeMemory: freemem(),
    freeDisk: disk.bavail * disk.bsize,
    diskPath,
  };
}

async function addressFindings(
  engine: Engine | undefined,
  topology: DoctorOptions['topology'],
): Promise<AddressFinding[]> {
  if (!topology) return [];
  const networks = Object.entries(topology.networks);
  const clashes = engine
    ? await addressClashes(
        engine,
        topology.name,
        networks.map(([, { subnet }]) => subnet),
      )
    : [];
  const routes = existsSync('/proc/net/route') ? readHostRoutes(readFileSync('/proc/net/route', 'utf8')) : [];
  return networks.map(([network, { subnet }]) => ({
    network,
    subnet,
    clashes: clashes.filter((clash) => clash.subnet === subnet),
    hostRoutes: routes
      .filter(({ destination }) => subnetsOverlap(destination, subnet))
      .map(({ destination, device }) => `a route to ${destination} by ${device}`),
  }));
}
