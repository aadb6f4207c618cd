import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  bind,
  type Container,
  conmonCreate,
  conmonSocketsDir,
  containerCapabilities,
  exitsDir,
  type Image,
  mountRootfs,
  type OciMount,
  ociSpec,
  type Pod,
  podDir,
  podHostname,
  processArgs,
  processEnv,
  readOptional,
  resolveUser,
} from '../runtime/index.ts';
import { containerDir, containerLog } from './container-paths.ts';
import type { NodeContext } from './context.ts';
import { containerNamespaces } from './namespaces.ts';
import type { ContainerRecord, SandboxRecord } from './pod-status.ts';
import { shmDir } from './sandbox.ts';
import { terminationMount } from './termination-message.ts';
import { volumeMounts } from './volumes/index.ts';

/** The kubelet-managed files, unless a volume of the spec stands in their place. */
function managedMounts(context: NodeContext, pod: Pod, container: Container): OciMount[] {
  const directory = podDir(context.paths, pod.metadata.uid);
  const taken = new Set((container.volumeMounts ?? []).map((mount) => mount.mountPath));
  return [
    bind(shmDir(context, pod), '/dev/shm'),
    bind(join(directory, 'etc-hosts'), '/etc/hosts'),
    bind(join(directory, 'hostname'), '/etc/hostname'),
    bind(join(directory, 'resolv.conf'), '/etc/resolv.conf'),
  ].filter((mount) => !taken.has(mount.destination));
}

/** Devices of the node that a privileged container sees; Docker's own device list limits what can be opened. */
function privilegedDevices(): OciMount[] {
  return ['/dev/net/tun', '/dev/fuse', '/dev/kvm']
    .filter((path) => existsSync(path))
    .map((path) => bind(path, path));
}

export interface ContainerInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly record: ContainerRecord;
  readonly image: Image;
  readonly sandbox: SandboxRecord;
  readonly volumes: ReadonlyMap<string, string>;
  /** What the spec and the services set. */
  readonly env: ReadonlyMap<string, string>;
}

/** config.json of a container whose root file system is mounted at `rootfs`. @throws ContainerConfigError */
async function containerSpec(context: NodeContext, input: ContainerInput, bundle: string, rootfs: string) {
  const { pod, container, image, sandbox, volumes, env } = input;
  const security = container.securityContext ?? {};
  const podSecurity = pod.spec.securityContext ?? {};
  const privileged = security.privileged ?? false;
  const [passwd = '', group = ''] = await Promise.all([
    readOptional(join(rootfs, 'etc/passwd')),
    readOptional(join(rootfs, 'etc/group')),
  ]);
  const fsGroup = podSecurity.fsGroup === undefined ? [] : [podSecurity.fsGroup];
  return ociSpec({
    args: processArgs(container, image.config, env),
    env: processEnv(
      image.config,
      pod.spec.hostNetwork ? hostname() : podHostname(pod),
      env,
      container.tty ?? false,
    ),
    cwd: container.workingDir ?? image.config.WorkingDir ?? '/',
    user: resolveUser(
      {
        imageUser: image.config.User ?? '',
        runAsUser: security.runAsUser ?? podSecurity.runAsUser,
        runAsGroup: security.runAsGroup ?? podSecurity.runAsGroup,
        runAsNonRoot: security.runAsNonRoot ?? podSecurity.runAsNonRoot,
        supplementalGroups: [...(podSecurity.supplementalGroups ?? []), ...fsGroup],
      },
      passwd,
      group,
    ),
    capabilities: containerCapabilities(security, context.capabilities),
    noNewPrivileges: security.allowPrivilegeEscalation === false,
    privileged,
    terminal: container.tty ?? false,
    rootfs,
    readonlyRootfs: security.readOnlyRootFilesystem ?? false,
    namespaces: containerNamespaces(pod, sandbox.netns, sandbox.pid),
    mounts: [
      ...managedMounts(context, pod, container),
      ...(privileged ? privilegedDevices() : []),
      await terminationMount(container, bundle),
      ...(await volumeMounts(container, volumes)),
    ],
    annotations: {
      'io.kubernetes.cri.container-type': 'container',
      'io.kubernetes.cri.sandbox-id': sandbox.id,
      'io.kubernetes.cri.container-name': container.name,
    },
  });
}

/**
 * Creates (does not start) a container: overlay, config.json, log directory, conmon.
 * @returns the pid of its first process
 * @throws ContainerConfigError when the spec cannot be met; Error with the runtime's words otherwise
 */
export async function createContainer(context: NodeContext, input: ContainerInput): Promise<number> {
  const { pod, container, record, image } = input;
  const bundle = containerDir(context, pod, container.name, record.attempt);
  const logFile = containerLog(context, pod, container.name, record.attempt);
  await Promise.all([mkdir(bundle, { recursive: true }), mkdir(join(logFile, '..'), { recursive: true })]);
  await rm(join(bundle, 'exit'), { force: true });
  const rootfs = await mountRootfs(image.rootfs, bundle);
  await writeFile(
    join(bundle, 'config.json'),
    JSON.stringify(await containerSpec(context, input, bundle, rootfs)),
  );
  return conmonCreate({
    id: record.id,
    name: `k8s_${container.name}_${pod.metadata.name}_${pod.metadata.namespace}_${pod.metadata.uid}_${record.attempt}`,
    bundle,
    logFile,
    exitDir: exitsDir(context.paths),
    socketDir: conmonSocketsDir(context.paths),
    terminal: container.tty ?? false,
    stdin: container.stdin ? (container.stdinOnce ? 'once' : 'open') : 'none',
  });
}
