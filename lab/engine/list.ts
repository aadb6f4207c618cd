import type { Engine } from './connect.ts';
import { asking } from './errors.ts';
import { LABEL, labelFilter } from './labels.ts';

/** What a lab consists of in Docker's eyes. */
export interface LabObjects {
  readonly containers: readonly LabContainer[];
  readonly networks: readonly LabNetwork[];
  readonly volumes: readonly LabVolume[];
}

interface LabObject {
  /** Short name in the lab (label `hoplab.name`). */
  readonly name: string;
  readonly dockerName: string;
  /** Hash of the specification it was made from (label `hoplab.spec`). */
  readonly spec: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

export interface LabContainer extends LabObject {
  readonly id: string;
  /** Label `hoplab.role`; `helper` for containers of one operation. */
  readonly role: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly state: string;
  /** e.g. `Up 3 minutes`. */
  readonly status: string;
  readonly image: string;
  readonly imageId: string;
  /** Address by Docker's name of the network; empty while it does not run. */
  readonly addresses: Readonly<Record<string, string>>;
}

export interface LabNetwork extends LabObject {
  readonly id: string;
  readonly subnet: string | undefined;
}

export interface LabVolume extends LabObject {}

/** Everything that carries a lab's label, whatever its state. */
export async function listLab(engine: Engine, lab: string): Promise<LabObjects> {
  const filters = labelFilter(LABEL.lab, lab);
  const list = `docker ps -a --filter label=${LABEL.lab}=${lab}`.split(' ');
  return asking('the lab cannot be listed', list, async () => {
    const [containers, networks, volumes] = await Promise.all([
      engine.docker.listContainers({ all: true, filters }),
      engine.docker.listNetworks({ filters }),
      engine.docker.listVolumes({ filters: filters as unknown as string }),
    ]);
    return {
      containers: containers.map((container) => ({
        ...common(container.Names[0]?.slice(1) ?? container.Id, container.Labels),
        id: container.Id,
        role: container.Labels[LABEL.role] ?? 'helper',
        state: container.State,
        status: container.Status,
        image: container.Image,
        imageId: container.ImageID,
        addresses: Object.fromEntries(
          Object.entries(container.NetworkSettings?.Networks ?? {}).map(([network, settings]) => [
            network,
            settings.IPAddress,
          ]),
        ),
      })),
      networks: networks.map((network) => ({
        ...common(network.Name, network.Labels),
        id: network.Id,
        subnet: network.IPAM?.Config?.[0]?.Subnet,
      })),
      volumes: (volumes.Volumes ?? []).map((volume) => common(volume.Name, volume.Labels)),
    };
  });
}

function common(dockerName: string, labels: Record<string, string> | null | undefined): LabObject {
  return {
    name: labels?.[LABEL.name] ?? dockerName,
    dockerName,
    spec: labels?.[LABEL.spec],
    labels: labels ?? {},
  };
}

/** Names of all labs the engine has anything of, sorted. */
export async function listLabs(engine: Engine): Promise<string[]> {
  const filters = labelFilter(LABEL.lab);
  const [containers, networks, volumes] = await asking(
    'labs cannot be listed',
    ['docker', 'ps', '-a', '--filter', `label=${LABEL.lab}`],
    () =>
      Promise.all([
        engine.docker.listContainers({ all: true, filters }),
        engine.docker.listNetworks({ filters }),
        engine.docker.listVolumes({ filters: filters as unknown as string }),
      ]),
  );
  const names = [...containers, ...networks, ...(volumes.Volumes ?? [])].map(
    ({ Labels }) => Labels?.[LABEL.lab],
  );
  return [...new Set(names.filter((name): name is string => Boolean(name)))].sort();
}
