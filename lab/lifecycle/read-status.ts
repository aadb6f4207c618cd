import type { CalicoStatus } from '../api/calico-status.ts';
import type { KubeletContainer, KubeletPod, KubeletStatus } from '../api/kubelet-status.ts';
import { vethName } from '../api/veth.ts';
import { capture, type Engine } from '../engine/index.ts';
import type { RunningLab } from './find-lab.ts';
import type { LabStatus, NodeStatus, PodStatusRow } from './lab-status.ts';
import { readLogins } from './logins.ts';

/** What one node's programs say of themselves; undefined while they have not written it yet. */
export interface NodeFiles {
  readonly kubelet: KubeletStatus | undefined;
  readonly calico: CalicoStatus | undefined;
}

const SEPARATOR = '\n---hoplab---\n';
const READ = `cat /run/kubelet/status.json 2>/dev/null; printf '${SEPARATOR.replaceAll('\n', '\\n')}'; cat /run/calico/status.json 2>/dev/null; true`;

/** Reads the status files of a running node. */
export async function readNodeFiles(engine: Engine, container: string): Promise<NodeFiles> {
  const { stdout } = await capture(engine, container, ['/bin/sh', '-c', READ]);
  const [kubelet = '', calico = ''] = stdout.split(SEPARATOR);
  const parse = <T>(text: string) => (text.trim() ? (JSON.parse(text) as T) : undefined);
  return { kubelet: parse<KubeletStatus>(kubelet), calico: parse<CalicoStatus>(calico) };
}

/** The live state of a lab, asked of the engine and of every running node at once. */
export async function readLabStatus(engine: Engine, lab: RunningLab): Promise<LabStatus> {
  const stateOf = (name: string) =>
    lab.objects.containers.find((container) => container.name === name)?.state ?? 'missing';
  const files = new Map<string, NodeFiles>();
  await Promise.all(
    lab.topology.nodes
      .filter(({ name }) => stateOf(name) === 'running')
      .map(async ({ name }) => {
        const container = lab.objects.containers.find((candidate) => candidate.name === name);
        if (container) files.set(name, await readNodeFiles(engine, container.id));
      }),
  );
  const status = labStatus(lab, stateOf, files);
  return { ...status, logins: await readLogins(engine, lab, status.pods) };
}

/** Puts the pieces together. Pure. */
export function labStatus(
  { name, topology }: Pick<RunningLab, 'name' | 'topology'>,
  stateOf: (container: string) => string,
  files: ReadonlyMap<string, NodeFiles>,
): LabStatus {
  const machines = [
    { ...topology.router, role: 'router' as const, interfaces: topology.router.interfaces },
    ...Object.values(topology.hosts).map((host) => ({
      ...host,
      role: 'host' as const,
      interfaces: [host.interface],
    })),
  ];
  return {
    lab: name,
    logins: [],
    networks: Object.values(topology.networks).map(({ name: network, subnet }) => ({
      name: network,
      subnet,
    })),
    hosts: machines.map(({ name: machine, role, interfaces }) => ({
      name: machine,
      role,
      state: stateOf(machine),
      interfaces: interfaces.map((link) => ({
        network: link.network,
        name: link.name,
        address: link.address,
      })),
    })),
    nodes: topology.nodes.map((node): NodeStatus => {
      const { kubelet, calico } = files.get(node.name) ?? { kubelet: undefined, calico: undefined };
      const pods = kubelet?.pods ?? [];
      return {
        name: node.name,
        nodeName: node.nodeName,
        role: node.role,
        network: node.interface.network,
        interface: node.interface.name,
        address: node.interface.address,
        state: stateOf(node.name),
        // calico-node's own word counts only while its pod is well: a killed program leaves its last word behind.
        ready: kubelet?.ready === true && calico?.ready === true && pods.every(isWell),
        waitingFor:
          stateOf(node.name) === 'running' ? (calico?.waitingFor ?? ['calico-node has not started']) : [],
        blocks: calico?.blocks ?? [],
        ...(calico?.tunnel ? { tunnel: calico.tunnel } : {}),
        sessions: calico?.sessions ?? [],
      };
    }),
    pods: topology.nodes.flatMap((node) => podRows(node.name, files.get(node.name)?.kubelet)),
  };
}

/** A pod that runs with all its containers, or has ended as it should. */
function isWell(pod: KubeletPod): boolean {
  return (
    pod.phase === 'Succeeded' ||
    (pod.phase === 'Running' && lastingContainers(pod).every(({ ready }) => ready))
  );
}

/** Sidecars and regular containers. */
function lastingContainers({
  initContainerStatuses = [],
  containerStatuses,
}: KubeletPod): KubeletContainer[] {
  return [...initContainerStatuses.filter(({ sidecar }) => sidecar), ...containerStatuses];
}

function podRows(node: string, kubelet: KubeletStatus | undefined): PodStatusRow[] {
  return (kubelet?.pods ?? []).map((pod) => {
    const containers = lastingContainers(pod);
    const ready = containers.filter((container) => container.ready).length;
    const waiting = pod.containerStatuses.find((container) => container.state.waiting);
    return {
      namespace: pod.namespace,
      name: pod.name,
      node,
      phase: waiting?.state.waiting?.reason ?? pod.phase,
      ready: `${ready}/${containers.length}`,
      restarts: containers.reduce((sum, container) => sum + container.restartCount, 0),
      ip: pod.podIP ?? '',
      interface: pod.hostNetwork ? '-' : vethName(pod.namespace, pod.name),
      message: pod.message ?? waiting?.state.waiting?.message ?? '',
    };
  });
}
