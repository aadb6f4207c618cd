import type { AddressClash } from '../engine/index.ts';
import type { Presence } from './capabilities.ts';

/** What `lab doctor` finds out; `-o json` prints it as it is. */
export interface DoctorReport {
  readonly engine: EngineFacts | { readonly problem: string; readonly next: string };
  readonly machine: MachineFacts;
  readonly capabilities: readonly CapabilityFinding[];
  /** How the capabilities were found out. */
  readonly probedBy: string;
  readonly addresses: readonly AddressFinding[];
  /** Nothing stands in the way of `lab up`. */
  readonly ok: boolean;
}

export interface EngineFacts {
  readonly version: string;
  readonly storageDriver: string;
  readonly operatingSystem: string;
  readonly kernel: string;
  readonly cgroupVersion: string;
  readonly host: string;
  /** How it was found. */
  readonly from: string;
  readonly appArmor: boolean;
  readonly processors: number;
  /** Bytes. */
  readonly memory: number;
}

export interface MachineFacts {
  readonly platform: string;
  readonly distribution: string;
  readonly kernel: string;
  readonly node: string;
  /** Bytes. */
  readonly freeMemory: number;
  /** Bytes free where the engine keeps its data, or where the lab is, if the engine's place cannot be seen. */
  readonly freeDisk: number;
  readonly diskPath: string;
}

export interface CapabilityFinding {
  readonly name: string;
  readonly present: Presence;
  readonly required: boolean;
  /** What the lab does about it. */
  readonly effect: string;
}

export interface AddressFinding {
  readonly network: string;
  readonly subnet: string;
  readonly clashes: readonly AddressClash[];
  /** Routes of the host to some of these addresses: no obstacle, the lab's bridges have no address on the host. */
  readonly hostRoutes: readonly string[];
}
