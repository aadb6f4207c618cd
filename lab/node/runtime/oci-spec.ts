import type { ProcessUser } from './user.ts';

/** The part of the OCI runtime specification (1.0) that the lab writes. */
export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciNamespace {
  readonly type: 'pid' | 'network' | 'ipc' | 'uts' | 'mount';
  readonly path?: string;
}

export interface OciSpecInput {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: ProcessUser;
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly privileged: boolean;
  readonly terminal: boolean;
  readonly rootfs: string;
  readonly readonlyRootfs: boolean;
  readonly namespaces: readonly OciNamespace[];
  /** Set only where the container makes its own uts namespace. */
  readonly hostname?: string | undefined;
  /** Mounts after the standard ones, in the order given. */
  readonly mounts: readonly OciMount[];
  readonly sysctl?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** containerd's defaults (oci/spec.go populateDefaultUnixSpec). */
const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/sys/firmware',
  '/proc/scsi',
];
const READONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

function standardMounts(privileged: boolean): OciMount[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/sys',
      type: 'sysfs',
      source: 'sysfs',
      options: ['nosuid', 'noexec', 'nodev', privileged ? 'rw' : 'ro'],
    },
  ];
}

/**
 * The container's config.json. Without a cgroup mount and `linux.resources`: a node container has no write access
 * to cgroups, so crun runs with `--cgroup-manager=disabled`.
 */
export function ociSpec(input: OciSpecInput): Record<string, unknown> {
  const capabilities = input.capabilities;
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: input.terminal,
      user: input.user,
      args: input.args,
      env: input.env,
      cwd: input.cwd || '/',
      // No inheritable or ambient set: a process of another user than root holds none, as under containerd.
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: input.noNewPrivileges,
    },
    root: { path: input.rootfs, readonly: input.readonlyRootfs },
    ...(input.hostname === undefined ? {} : { hostname: input.hostname }),
    mounts: [...standardMounts(input.privileged), ...input.mounts],
    linux: {
      namespaces: input.namespaces,
      ...(input.sysctl === undefined ? {} : { sysctl: input.sysctl }),
      ...(input.privileged ? {} : { maskedPaths: MASKED, readonlyPaths: READONLY }),
    },
    ...(input.annotations === undefined ? {} : { annotations: input.annotations }),
  };
}

/** A bind mount. Recursive and private; `rslave` and `rshared` for the two kinds of mountPropagation. */
export function bind(
  source: string,
  destination: string,
  options: { readonly readOnly?: boolean; readonly propagation?: string | undefined } = {},
): OciMount {
  const propagation =
    { HostToContainer: 'rslave', Bidirectional: 'rshared' }[options.propagation ?? ''] ?? 'rprivate';
  return {
    destination,
    type: 'bind',
    source,
    options: ['rbind', propagation, options.readOnly ? 'ro' : 'rw'],
  };
}
