import { matchesNodeAffinity } from '../../../api/node-affinity.ts';
import type { Affinity, DaemonSet, Node, PodSpec, Toleration } from '../../../api/objects/index.ts';
import { untolerated } from '../../../api/tolerations.ts';

const always = (key: string, effect: string): Toleration => ({ key, operator: 'Exists', effect });

const AUTOMATIC = [
  always('node.kubernetes.io/not-ready', 'NoExecute'),
  always('node.kubernetes.io/unreachable', 'NoExecute'),
  always('node.kubernetes.io/disk-pressure', 'NoSchedule'),
  always('node.kubernetes.io/memory-pressure', 'NoSchedule'),
  always('node.kubernetes.io/pid-pressure', 'NoSchedule'),
  always('node.kubernetes.io/unschedulable', 'NoSchedule'),
];

/** Tolerations of every daemon pod: it comes before the node is ready and stays when it no longer is. AddOrUpdateDaemonPodTolerations. */
export function daemonTolerations(spec: PodSpec): Toleration[] {
  const own = spec.tolerations ?? [];
  const wanted = spec.hostNetwork
    ? [...AUTOMATIC, always('node.kubernetes.io/network-unavailable', 'NoSchedule')]
    : AUTOMATIC;
  const missing = wanted.filter(
    ({ key, effect }) =>
      !own.some((one) => one.key === key && one.effect === effect && one.operator === 'Exists'),
  );
  return [...own, ...missing];
}

export interface Eligibility {
  readonly shouldRun: boolean;
  /** A pod that is there may stay although a new one would not be placed (a NoSchedule taint came later). */
  readonly shouldContinue: boolean;
}

/** Whether a DaemonSet wants a pod on a node. NodeShouldRunDaemonPod. */
export function eligibility({ spec }: DaemonSet, node: Node): Eligibility {
  const template = spec.template.spec;
  const named = !template.nodeName || template.nodeName === node.metadata.name;
  if (!named || !matchesNodeAffinity(template, node)) return { shouldRun: false, shouldContinue: false };
  const tolerations = daemonTolerations(template);
  if (!untolerated(node.spec.taints, tolerations)) return { shouldRun: true, shouldContinue: true };
  return { shouldRun: false, shouldContinue: !untolerated(node.spec.taints, tolerations, ['NoExecute']) };
}

/** The template's affinity with the node's name instead of other node terms. ReplaceDaemonSetPodNodeNameNodeAffinity. */
export function pinnedTo(affinity: Affinity | undefined, nodeName: string): Affinity {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [nodeName] }];
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    },
  };
}
