import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import { type FileSpec, putFiles } from './archive.ts';
import type { Engine } from './connect.ts';
import { asking, dockerError, isConflict, isNotFound, isNotModified } from './errors.ts';
import { LABEL, objectName, type Role } from './labels.ts';
import { specHash } from './spec-hash.ts';
import { HOPLAB_VERSION } from './version.ts';

export interface ContainerSpec {
  readonly lab: string;
  /** Short name, e.g. `worker1`; Docker's name is `hoplab-<lab>-<name>`. */
  readonly name: string;
  readonly role: Role;
  /** Image tag or id. */
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The short name by default. */
  readonly hostname?: string;
  /** Further labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Networks it is on before it starts. None: it has only its loopback interface. */
  readonly networks: readonly ContainerNetwork[];
  /** Docker's name of a container whose network it shares, with its name and its files of names; `networks` is empty. */
  readonly networkOf?: string;
  /** e.g. `NET_ADMIN`. */
  readonly capAdd?: readonly string[];
  /** `ALL`: only those of `capAdd` are left of Docker's defaults. */
  readonly capDrop?: readonly string[];
  /** No program in it gains rights by a set-user-ID bit. */
  readonly noNewPrivileges?: boolean;
  /** Paths of host devices, e.g. `/dev/net/tun`. */
  readonly devices?: readonly string[];
  /** Path to mount options, e.g. `{'/run': 'rw,exec'}`. */
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly volumes?: readonly VolumeMount[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Seconds between SIGTERM and SIGKILL on stop. */
  readonly stopTimeout?: number;
  /** Put into the container before it starts; not on tmpfs paths, which are empty at each start. */
  readonly files?: readonly FileSpec[];
}

export interface ContainerNetwork {
  /** Docker's name of the network, e.g. `hoplab-iks-nodes`. */
  readonly network: string;
  readonly address?: string;
}

export interface VolumeMount {
  /** Docker's name of the volume. */
  readonly volume: string;
  readonly path: string;
  readonly readOnly?: boolean;
}

/** The hash a container of this specification carries as label `hoplab.spec`. */
export function containerSpecHash(spec: ContainerSpec): string {
  return specHash(spec);
}

/**
 * Creates a container, connects it to all its networks and puts its files into it; does not start it.
 * A failure half-way removes what was made. Returns the container's id.
 *
 * @param more files that are no part of the specification, put at once with those of it: the engine starts a process for each archive
 */
export async function createContainer(
  engine: Engine,
  spec: ContainerSpec,
  more: readonly FileSpec[] = [],
): Promise<string> {
  const dockerName = objectName(spec.lab, spec.name);
  const options = createOptions(spec, await usesAppArmor(engine));
  const container = await asking(`container ${dockerName} cannot be created`, runCommand(spec), () =>
    engine.docker.createContainer(options),
  );
  try {
    for (const { network, address } of spec.networks.slice(1)) {
      const command = [
        'docker',
        'network',
        'connect',
        ...(address ? ['--ip', address] : []),
        network,
        dockerName,
      ];
      await asking(`container ${dockerName} cannot be connected to ${network}`, command, () =>
        engine.docker
          .getNetwork(network)
          .connect({ Container: container.id, EndpointConfig: endpoint(address) }),
      );
    }
    const files = [...(spec.files ?? []), ...more];
    if (files.length > 0) await putFiles(engine, container.id, files);
  } catch (error) {
    await removeContainer(engine, container.id).catch(() => {}); // the first error is the one to report
    throw error;
  }
  return container.id;
}

const endpoint = (address: string | undefined) => (address ? { IPAMConfig: { IPv4Address: address } } : {});

/** The engine's create request for a specification. Pure; exported for its test. */
export function createOptions(
  spec: ContainerSpec,
  appArmor: boolean,
): ContainerCreateOptions & { name: string } {
  const [first] = spec.networks;
  const hostConfig: HostConfig = {
    NetworkMode: spec.networkOf ? `container:${spec.networkOf}` : (first?.network ?? 'none'),
    CapAdd: [...(spec.capAdd ?? [])],
    CapDrop: [...(spec.capDrop ?? [])],
    Devices: (spec.devices ?? []).map((path) => ({
      PathOnHost: path,
      PathInContainer: path,
      CgroupPermissions: 'rwm',
    })),
    Tmpfs: { ...spec.tmpfs },
    Mounts: (spec.volumes ?? []).map(({ volume, path, readOnly }) => ({
      Type: 'volume' as const,
      Source: volume,
      Target: path,
      ReadOnly: readOnly ?? false,
    })),
    Sysctls: { ...spec.sysctls },
    // AppArmor's default profile forbids mount(2), which CAP_SYS_ADMIN is there for.
    SecurityOpt: [
      ...(appArmor && spec.capAdd?.includes('SYS_ADMIN') ? ['apparmor=unconfined'] : []),
      ...(spec.noNewPrivileges ? ['no-new-privileges'] : []),
    ],
    // Logs of the lab's containers must not fill the disk.
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
  };
  return {
    name: objectName(spec.lab, spec.name),
    Image: spec.image,
    ...(spec.networkOf ? {} : { Hostname: spec.hostname ?? spec.name }),
    ...(spec.entrypoint ? { Entrypoint: [...spec.entrypoint] } : {}),
    ...(spec.command ? { Cmd: [...spec.command] } : {}),
    Env: Object.entries(spec.env ?? {}).map(([key, value]) => `${key}=${value}`),
    Labels: {
      ...spec.labels,
      [LABEL.lab]: spec.lab,
      [LABEL.role]: spec.role,
      [LABEL.name]: spec.name,
      [LABEL.spec]: containerSpecHash(spec),
      [LABEL.version]: HOPLAB_VERSION,
    },
    ...(spec.stopTimeout === undefined ? {} : { StopTimeout: spec.stopTimeout }),
    HostConfig: hostConfig,
    ...(first ? { NetworkingConfig: { EndpointsConfig: { [first.network]: endpoint(first.address) } } } : {}),
  };
}

/** The nearest `docker create` command line, for error messages. */
function runCommand(spec: ContainerSpec): string[] {
  const words = ['docker', 'create', '--name', objectName(spec.lab, spec.name)];
  const [first] = spec.networks;
  if (spec.networkOf) words.push('--network', `container:${spec.networkOf}`);
  if (first) words.push('--network', first.network, ...(first.address ? ['--ip', first.address] : []));
  for (const capability of spec.capAdd ?? []) words.push('--cap-add', capability);
  for (const device of spec.devices ?? []) words.push('--device', device);
  for (const [path, options] of Object.entries(spec.tmpfs ?? {})) words.push('--tmpfs', `${path}:${options}`);
  for (const { volume, path, readOnly } of spec.volumes ?? [])
    words.push('-v', `${volume}:${path}${readOnly ? ':ro' : ''}`);
  for (const [key, value] of Object.entries(spec.sysctls ?? {})) words.push('--sysctl', `${key}=${value}`);
  return [...words, spec.image, ...(spec.command ?? [])];
}

async function usesAppArmor(engine: Engine): Promise<boolean> {
  return ((await engine.info()).SecurityOptions ?? []).some((option) => option.includes('name=apparmor'));
}

/** Starts a container; one that runs is left alone. */
export async function startContainer(engine: Engine, container: string): Promise<void> {
  try {
    await engine.docker.getContainer(container).start();
  } catch (error) {
    if (isNotModified(error)) return;
    throw dockerError(
      error,
      `container ${container} cannot be started`,
      ['docker', 'start', container],
      `docker logs ${container}`,
    );
  }
}

/** Stops a container (SIGTERM, then SIGKILL after `seconds`); one that is stopped is left alone. */
export async function stopContainer(engine: Engine, container: string, seconds = 10): Promise<void> {
  try {
    await engine.docker.getContainer(container).stop({ t: seconds });
  } catch (error) {
    if (isNotModified(error)) return;
    throw dockerError(error, `container ${container} cannot be stopped`, [
      'docker',
      'stop',
      '-t',
      String(seconds),
      container,
    ]);
  }
}

/** Ends a container's processes from one moment to the next. */
export async function killContainer(engine: Engine, container: string): Promise<void> {
  await asking(`container ${container} cannot be killed`, ['docker', 'kill', container], () =>
    engine.docker.getContainer(container).kill({ signal: 'SIGKILL' }),
  );
}

/** Kills and removes a container with its anonymous volumes; one that is gone is no error. */
export async function removeContainer(engine: Engine, container: string): Promise<void> {
  try {
    await engine.docker.getContainer(container).remove({ force: true, v: true });
  } catch (error) {
    if (isNotFound(error)) return;
    // "removal of container … is already in progress": somebody else's `down`, or ours interrupted.
    if (isConflict(error)) {
      await engine.docker
        .getContainer(container)
        .wait({ condition: 'removed' })
        .catch(() => {});
      return;
    }
    throw dockerError(error, `container ${container} cannot be removed`, [
      'docker',
      'rm',
      '-f',
      '-v',
      container,
    ]);
  }
}
