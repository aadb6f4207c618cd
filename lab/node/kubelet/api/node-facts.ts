import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { arch, cpus, release, totalmem } from 'node:os';
import { readOptional, tryRun } from '../../runtime/index.ts';
import type { NodeFacts } from './node-object.ts';

/** Names of Go's GOARCH, where Node's differ. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', arm64: 'arm64' };

const readTrimmed = async (path: string) => ((await readOptional(path).catch(() => undefined)) ?? '').trim();

/** Reads what the node's machine is. @param stateDir whose file system pods write to */
export async function readNodeFacts(nodeName: string, stateDir: string): Promise<NodeFacts> {
  const [osRelease, machineID, bootID, crun, disk] = await Promise.all([
    readTrimmed('/etc/os-release'),
    readTrimmed('/etc/machine-id'),
    readTrimmed('/proc/sys/kernel/random/boot_id'),
    tryRun('crun', ['--version']),
    statfs(stateDir).catch(() => undefined),
  ]);
  // Nodes of one host would have one machine; a name's hash keeps them apart.
  const ownID = machineID || createHash('md5').update(nodeName).digest('hex');
  return {
    architecture: ARCHITECTURES[arch()] ?? arch(),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? 'Linux',
    machineID: ownID,
    systemUUID: ownID.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    bootID,
    containerRuntimeVersion: `crun://${/version ([\w.-]+)/.exec(crun.stdout)?.[1] ?? 'unknown'}`,
    cpus: cpus().length,
    memoryBytes: totalmem(),
    diskBytes: disk === undefined ? 0 : disk.blocks * disk.bsize,
  };
}
