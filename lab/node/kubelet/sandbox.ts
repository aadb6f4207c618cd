import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Attachment,
  bind,
  conmonCreate,
  conmonSocketsDir,
  createNetns,
  crunDelete,
  crunStart,
  deleteNetns,
  exitsDir,
  isMountPoint,
  ociSpec,
  type Pod,
  type PortMapping,
  podDir,
  podHostname,
  readOptional,
  resultIPv4,
} from '../runtime/index.ts';
import type { NodeContext } from './context.ts';
import { podHostsFile } from './hosts-file.ts';
import { sandboxNamespaces } from './namespaces.ts';
import type { SandboxRecord } from './pod-status.ts';
import { parseResolvConf, podResolvConf, renderResolvConf } from './resolv-conf.ts';

/** 64 hex digits, as containerd's. */
export const newId = (): string => randomBytes(32).toString('hex');

/** tmpfs of the pod's containers; on /run, so gone with the node. */
export const shmDir = (context: NodeContext, pod: Pod): string =>
  join(context.paths.run, 'shm', pod.metadata.uid);

/** Bundle of the pod's pause process; on /run as well, where a file costs nothing to make. */
export const sandboxDir = (context: NodeContext, pod: Pod): string =>
  join(context.paths.run, 'sandboxes', pod.metadata.uid);

/** Makes the root file system of all pause processes: one static program. */
export async function preparePause(context: NodeContext): Promise<void> {
  const rootfs = join(context.paths.state, 'pause', 'rootfs');
  await mkdir(rootfs, { recursive: true });
  // Replaced by rename below: a running pause keeps its text, and ETXTBSY cannot happen.
  await rm(join(rootfs, 'pause'), { force: true });
  await copyFile(context.paths.pauseBinary, join(rootfs, 'pause'));
  await chmod(join(rootfs, 'pause'), 0o755);
}

/** What the CNI plugins are told about a pod. */
export function attachment(pod: Pod, sandbox: SandboxRecord): Attachment {
  const portMappings: PortMapping[] = pod.spec.containers
    .flatMap((container) => container.ports ?? [])
    .filter((port) => port.hostPort !== undefined && port.hostPort > 0)
    .map((port) => ({
      hostPort: port.hostPort as number,
      containerPort: port.containerPort,
      protocol: (port.protocol ?? 'TCP').toLowerCase(),
      ...(port.hostIP ? { hostIP: port.hostIP } : {}),
    }));
  return {
    containerId: sandbox.id,
    netns: sandbox.netns,
    ifName: 'eth0',
    podNamespace: pod.metadata.namespace,
    podName: pod.metadata.name,
    podUid: pod.metadata.uid,
    annotations: pod.metadata.annotations ?? {},
    portMappings,
  };
}

/** The record of a sandbox about to be made; kept on disk first, so that a killed kubelet knows what to undo. */
export function plannedSandbox(context: NodeContext, pod: Pod, attempt: number): SandboxRecord {
  return {
    id: newId(),
    attempt,
    createdAt: new Date(context.clock()).toISOString(),
    netns: pod.spec.hostNetwork ? '' : join(context.paths.netns, `cni-${randomUUID()}`),
    ip: '',
    pid: 0,
    ready: false,
  };
}

async function startPause(context: NodeContext, pod: Pod, sandbox: SandboxRecord): Promise<number> {
  const bundle = sandboxDir(context, pod);
  await rm(bundle, { recursive: true, force: true });
  await mkdir(bundle, { recursive: true });
  const hostNetwork = pod.spec.hostNetwork ?? false;
  const sysctls = (pod.spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value]);
  const spec = ociSpec({
    args: ['/pause'],
    env: ['PATH=/'],
    cwd: '/',
    user: { uid: 0, gid: 0, additionalGids: [] },
    capabilities: [],
    noNewPrivileges: true,
    privileged: false,
    terminal: false,
    rootfs: join(context.paths.state, 'pause', 'rootfs'),
    readonlyRootfs: true,
    namespaces: sandboxNamespaces(pod, sandbox.netns),
    hostname: hostNetwork ? undefined : podHostname(pod),
    mounts: [bind(shmDir(context, pod), '/dev/shm')],
    sysctl: sysctls.length > 0 ? Object.fromEntries(sysctls) : undefined,
    annotations: { 'io.kubernetes.cri.container-type': 'sandbox' },
  });
  await writeFile(join(bundle, 'config.json'), JSON.stringify(spec));
  const pid = await conmonCreate({
    id: sandbox.id,
    name: `k8s_POD_${pod.metadata.name}_${pod.metadata.namespace}_${pod.metadata.uid}_${sandbox.attempt}`,
    bundle,
    logFile: join(bundle, 'pause.log'),
    exitDir: exitsDir(context.paths),
    socketDir: conmonSocketsDir(context.paths),
    terminal: false,
    stdin: 'none',
  });
  await crunStart(sandbox.id);
  return pid;
}

/** The files that the kubelet keeps for a pod and that its containers see under /etc. */
async function writePodFiles(context: NodeContext, pod: Pod, ip: string): Promise<void> {
  const directory = podDir(context.paths, pod.metadata.uid);
  const [nodeHosts = '', nodeResolv = ''] = await Promise.all([
    readOptional('/etc/hosts'),
    readOptional('/etc/resolv.conf'),
  ]);
  const hosts = podHostsFile(pod, ip, nodeHosts, context.cluster?.clusterDomain ?? 'cluster.local');
  const resolv = renderResolvConf(podResolvConf(pod, parseResolvConf(nodeResolv), context.cluster));
  await Promise.all([
    writeFile(join(directory, 'etc-hosts'), hosts),
    writeFile(join(directory, 'resolv.conf'), resolv),
    writeFile(join(directory, 'hostname'), `${pod.spec.hostNetwork ? context.nodeName : podHostname(pod)}\n`),
  ]);
}

/**
 * Makes the sandbox: namespace, pause process and CNI ADD (the two last at once, they need only the namespace).
 * On failure everything is undone. @throws Error with what failed
 */
export async function createSandbox(
  context: NodeContext,
  pod: Pod,
  planned: SandboxRecord,
): Promise<SandboxRecord> {
  const shm = shmDir(context, pod);
  await Promise.all([
    mkdir(conmonSocketsDir(context.paths), { recursive: true }),
    mkdir(podDir(context.paths, pod.metadata.uid), { recursive: true }),
    mkdir(shm, { recursive: true }).then(() => chmod(shm, 0o1777)),
  ]);
  try {
    if (pod.spec.hostNetwork) {
      const [pid] = await Promise.all([
        startPause(context, pod, planned),
        writePodFiles(context, pod, context.hostIP),
      ]);
      return { ...planned, ip: context.hostIP, pid, ready: true };
    }
    await createNetns(planned.netns);
    const [pause, added] = await Promise.allSettled([
      startPause(context, pod, planned),
      context.network.add(attachment(pod, planned)),
    ]);
    if (added.status === 'rejected') {
      const reason = (added.reason as Error).message;
      throw new Error(`failed to setup network for sandbox "${planned.id}": ${reason}`);
    }
    if (pause.status === 'rejected') throw pause.reason;
    const ip = resultIPv4(added.value);
    if (ip === undefined) throw new Error('the CNI result has no IPv4 address');
    await writePodFiles(context, pod, ip);
    return { ...planned, ip, pid: pause.value, ready: true };
  } catch (error) {
    await removeSandbox(context, pod, planned).catch(() => {});
    throw error;
  }
}

/**
 * Ends a sandbox, whatever is left of it: CNI DEL while the namespace is still there, then the pause process and
 * the namespace. @throws CniError when DEL fails; the rest is done nevertheless, and DEL can be repeated
 */
export async function removeSandbox(context: NodeContext, pod: Pod, sandbox: SandboxRecord): Promise<void> {
  context.exits.forget(sandbox.id);
  let failure: unknown;
  if (sandbox.netns !== '') {
    // The specification lets the runtime pass an empty CNI_NETNS when the namespace has gone already.
    const netns = isMountPoint(sandbox.netns) ? sandbox.netns : '';
    await context.network.del({ ...attachment(pod, sandbox), netns }).catch((error: unknown) => {
      failure = error;
    });
  }
  await crunDelete(sandbox.id);
  if (sandbox.netns !== '') await deleteNetns(sandbox.netns);
  await rm(join(exitsDir(context.paths), sandbox.id), { force: true });
  if (failure !== undefined) throw failure;
}
