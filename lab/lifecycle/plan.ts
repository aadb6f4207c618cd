import type { ContainerSpec, LabObjects, NetworkSpec } from '../engine/index.ts';
import { containerSpecHash, objectName, specHash } from '../engine/index.ts';
import type { Topology } from '../topology/index.ts';
import type { Manifest, ManifestChanges } from './manifests.ts';
import { manifestChanges } from './manifests.ts';
import type { ClusterPki } from './pki/cluster-pki.ts';

/** All that a topology asks of the engine. */
export interface WantedLab {
  readonly lab: string;
  readonly topology: Topology;
  /** Lines of /etc/hosts that every container has. */
  readonly hosts: string;
  readonly networks: readonly NetworkSpec[];
  /** Short names of volumes. */
  readonly volumes: readonly string[];
  readonly containers: readonly ContainerSpec[];
  readonly pki: ClusterPki;
  /** The authority is new: nodes that know another one cannot join. */
  readonly newAuthority: boolean;
  /** By the node's short name. */
  readonly manifests: ReadonlyMap<string, readonly Manifest[]>;
}

/** What has to be done to a container, and why. */
export interface ContainerStep {
  readonly name: string;
  readonly action: 'create' | 'recreate' | 'start' | 'remove' | 'keep';
  readonly why: string;
}

export interface Plan {
  readonly networks: readonly {
    readonly name: string;
    readonly action: 'create' | 'recreate' | 'remove' | 'keep';
  }[];
  readonly containers: readonly ContainerStep[];
  readonly removeVolumes: readonly string[];
  /** Manifests of containers that are kept or started; those of new ones are written at creation. */
  readonly manifests: ReadonlyMap<string, ManifestChanges>;
  readonly changed: boolean;
}

/**
 * The difference between a topology and what the engine has of the lab.
 *
 * @param present manifests on each existing node: content by file name, by the node's short name
 */
export function planLab(
  wanted: WantedLab,
  actual: LabObjects,
  present: ReadonlyMap<string, ReadonlyMap<string, string>>,
): Plan {
  const networks = planNetworks(wanted, actual);
  const moved = new Set(networks.filter(({ action }) => action === 'recreate').map(({ name }) => name));
  const containers = planContainers(wanted, actual, moved);
  const manifests = new Map<string, ManifestChanges>();
  for (const { name, action } of containers) {
    if (action !== 'keep' && action !== 'start') continue;
    const changes = manifestChanges(wanted.manifests.get(name) ?? [], present.get(name) ?? new Map());
    if (changes.write.length > 0 || changes.remove.length > 0) manifests.set(name, changes);
  }
  const volumes = new Set(wanted.volumes);
  const removeVolumes = actual.volumes.filter(({ name }) => !volumes.has(name)).map(({ name }) => name);
  const changed =
    manifests.size > 0 ||
    removeVolumes.length > 0 ||
    [...networks, ...containers].some(({ action }) => action !== 'keep');
  return { networks, containers, removeVolumes, manifests, changed };
}

function planNetworks(wanted: WantedLab, actual: LabObjects): Plan['networks'] {
  const steps: Plan['networks'][number][] = wanted.networks.map((spec) => {
    const found = actual.networks.find(({ name }) => name === spec.name);
    if (!found) return { name: spec.name, action: 'create' };
    return { name: spec.name, action: found.spec === specHash(spec) ? 'keep' : 'recreate' };
  });
  const extra = actual.networks.filter(({ name }) => !wanted.networks.some((spec) => spec.name === name));
  return [...steps, ...extra.map(({ name }) => ({ name, action: 'remove' as const }))];
}

function planContainers(wanted: WantedLab, actual: LabObjects, moved: ReadonlySet<string>): ContainerStep[] {
  const steps = wanted.containers.map((spec): ContainerStep => {
    const found = actual.containers.find(({ name }) => name === spec.name);
    const name = spec.name;
    if (!found) return { name, action: 'create', why: 'it is not there' };
    const movedNames = new Set([...moved].map((short) => objectName(wanted.lab, short)));
    const network = spec.networks.find(({ network: dockerName }) => movedNames.has(dockerName));
    if (network) return { name, action: 'recreate', why: `network ${network.network} changed` };
    if (found.spec !== containerSpecHash(spec))
      return { name, action: 'recreate', why: changeOf(spec, found) };
    if (spec.role === 'node' && wanted.newAuthority) {
      return { name, action: 'recreate', why: 'the cluster has a new certificate authority' };
    }
    if (found.state === 'running') return { name, action: 'keep', why: 'nothing changed' };
    // Created but never started: an earlier `up` was interrupted before its files were all in place.
    if (found.state === 'created') return { name, action: 'recreate', why: 'its creation was interrupted' };
    if (found.state === 'exited') return { name, action: 'start', why: 'it is exited' };
    // paused, dead, removing: states that the engine does not start from.
    return { name, action: 'recreate', why: `it is ${found.state}` };
  });
  const extra = actual.containers.filter(({ name }) => !wanted.containers.some((spec) => spec.name === name));
  return [
    ...steps,
    ...extra.map(({ name }) => ({ name, action: 'remove' as const, why: 'the topology has it no more' })),
  ];
}

function changeOf(spec: ContainerSpec, found: LabObjects['containers'][number]): string {
  return found.image === spec.image ? 'the topology changed' : `its image changed to ${spec.image}`;
}

/** The plan as people read it, one line per object; what is kept is left out unless nothing changes. */
export function renderPlan(plan: Plan): string {
  if (!plan.changed) return 'nothing to do: the lab is as the topology says';
  const lines: string[] = [];
  for (const { name, action } of plan.networks)
    if (action !== 'keep') lines.push(`${action} network ${name}`);
  for (const { name, action, why } of plan.containers) {
    if (action !== 'keep') lines.push(`${action === 'recreate' ? 'restart' : action} ${name} (${why})`);
  }
  for (const volume of plan.removeVolumes) lines.push(`remove volume ${volume}`);
  for (const [node, { write, remove }] of plan.manifests) {
    for (const { path } of write) lines.push(`write ${path} on ${node}`);
    for (const path of remove) lines.push(`remove ${path} from ${node}`);
  }
  return lines.join('\n');
}
