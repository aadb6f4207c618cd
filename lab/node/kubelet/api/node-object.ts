import { timestamp } from '../../../api/client/index.ts';
import type { Condition, Node, Taint } from '../../../api/objects/index.ts';
import { NETWORK_NOT_READY } from '../worker/sandbox-keeper.ts';

/** What a node is, read once from the machine. */
export interface NodeFacts {
  readonly architecture: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  /** e.g. `crun://1.21`. */
  readonly containerRuntimeVersion: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

export interface NodeIdentity {
  readonly nodeName: string;
  readonly address: string;
  readonly controlPlane: boolean;
}

/** The Kubernetes version that the lab speaks. */
export const KUBELET_VERSION = 'v1.31.0+hoplab';
export const KUBELET_PORT = 10250;
const MAX_PODS = 110;
/** What the kubelet keeps back for itself by default: its hard eviction threshold. */
const EVICTION_MEMORY = 100 * 2 ** 20;
const EVICTION_DISK = 0.1;
const KIBI = 1024;

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

/** Quantities that a node has and that it can give to pods. */
export function nodeResources(facts: NodeFacts) {
  const rest = {
    cpu: String(facts.cpus),
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    pods: String(MAX_PODS),
  };
  const memory = (bytes: number) => `${Math.floor(bytes / KIBI)}Ki`;
  return {
    capacity: {
      ...rest,
      memory: memory(facts.memoryBytes),
      'ephemeral-storage': memory(facts.diskBytes),
    },
    allocatable: {
      ...rest,
      memory: memory(facts.memoryBytes - EVICTION_MEMORY),
      'ephemeral-storage': String(Math.floor(facts.diskBytes * (1 - EVICTION_DISK))),
    },
  };
}

/** The labels by which a node registers; those of kubeadm for a control plane too. */
export function nodeLabels(
  { nodeName, controlPlane }: NodeIdentity,
  architecture: string,
): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
    ...(controlPlane
      ? { [CONTROL_PLANE]: '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
      : {}),
  };
}

/** The Node as the kubelet registers it. pkg/kubelet/kubelet_node_status.go initialNode. */
export function initialNode(identity: NodeIdentity, facts: NodeFacts): Node {
  const taints: Taint[] = identity.controlPlane ? [{ key: CONTROL_PLANE, effect: 'NoSchedule' }] : [];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: identity.nodeName,
      labels: nodeLabels(identity, facts.architecture),
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: taints.length > 0 ? { taints } : {},
  };
}

/**
 * The node's conditions. Their times of change are taken from `before`.
 * @param networkReady whether there is a CNI configuration @param now milliseconds
 */
export function nodeConditions(
  networkReady: boolean,
  before: readonly Condition[],
  now: number,
): Condition[] {
  const time = timestamp(now);
  const condition = (type: string, status: 'True' | 'False', reason: string, message: string): Condition => {
    const last = before.find((entry) => entry.type === type);
    const since = last?.status === status && last.lastTransitionTime ? last.lastTransitionTime : time;
    return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime: since };
  };
  return [
    condition(
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    networkReady
      ? condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      : condition('Ready', 'False', 'KubeletNotReady', NETWORK_NOT_READY),
  ];
}

/** The NodeStatus that the kubelet writes. */
export function nodeStatus(
  { nodeName, address }: NodeIdentity,
  facts: NodeFacts,
  conditions: readonly Condition[],
): Record<string, unknown> {
  const { architecture, bootID, containerRuntimeVersion, kernelVersion, machineID, osImage, systemUUID } =
    facts;
  return {
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: nodeName },
    ],
    ...nodeResources(facts),
    conditions,
    daemonEndpoints: { kubeletEndpoint: { Port: KUBELET_PORT } },
    nodeInfo: {
      architecture,
      bootID,
      containerRuntimeVersion,
      kernelVersion,
      kubeProxyVersion: KUBELET_VERSION,
      kubeletVersion: KUBELET_VERSION,
      machineID,
      operatingSystem: 'linux',
      osImage,
      systemUUID,
    },
  };
}
