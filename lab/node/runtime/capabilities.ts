import type { SecurityContext } from './pod.ts';

/** Capabilities by number, linux/capability.h. */
const NAMES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
].map((name) => `CAP_${name}`);

/** containerd's default set (oci/spec.go defaultUnixCaps). */
const DEFAULT = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
].map((name) => `CAP_${name}`);

/** @param status text of /proc/self/status. @returns the names in the bounding set, which no container can exceed. */
export function boundingSet(status: string): string[] {
  const hex = /^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1];
  if (hex === undefined) return [];
  const mask = BigInt(`0x${hex}`);
  return NAMES.filter((_, bit) => (mask >> BigInt(bit)) & 1n);
}

const full = (name: string): string =>
  name.toUpperCase().startsWith('CAP_') ? name.toUpperCase() : `CAP_${name.toUpperCase()}`;

/**
 * The container's capabilities: the default set (or everything for `privileged`), `add` and `drop` applied in
 * containerd's order (ALL first), cut down to what the node itself holds.
 */
export function containerCapabilities(
  context: SecurityContext | undefined,
  node: readonly string[],
): string[] {
  if (context?.privileged) return [...node];
  const add = (context?.capabilities?.add ?? []).map(full);
  const drop = (context?.capabilities?.drop ?? []).map(full);
  let wanted = new Set(DEFAULT);
  if (add.includes('CAP_ALL')) wanted = new Set(node);
  if (drop.includes('CAP_ALL')) wanted = new Set();
  for (const name of add) wanted.add(name);
  for (const name of drop) wanted.delete(name);
  return node.filter((name) => wanted.has(name));
}
