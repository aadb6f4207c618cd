import { matchesNodeAffinity, matchesNodeSelector } from '../../api/node-affinity.ts';
import type { PersistentVolume, Pod, Taint } from '../../api/objects/index.ts';
import { isPodTerminal } from '../../api/pods.ts';
import { parseQuantity } from '../../api/quantity.ts';
import { selects } from '../../api/selectors.ts';
import { tolerates, untolerated } from '../../api/tolerations.ts';
import { inNamespaces, isFirstOfItsKind, isTogether, sameDomain } from './affinity.ts';
import type { NodeInfo } from './cluster.ts';
import { shortages } from './resources.ts';
import { spreadProblem } from './spreading.ts';

/** Why a node cannot take a pod, in the real scheduler's words. */
export interface Refusal {
  readonly reason: string;
  /** Whether the pod would fit if other pods went away. */
  readonly resolvable: boolean;
}

type Filter = (
  pod: Pod,
  info: NodeInfo,
  all: readonly NodeInfo[],
  volumes: readonly PersistentVolume[],
) => Refusal | readonly Refusal[] | undefined;

const UNSCHEDULABLE_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const DEFAULT_POD_LIMIT = 110;
const NOT_SPREAD = "node(s) didn't match pod topology spread constraints";

const final = (reason: string): Refusal => ({ reason, resolvable: false });
const resolvable = (reason: string): Refusal => ({ reason, resolvable: true });

/** In the order of the real scheduler's plugins: the first that refuses is the one that is reported. */
const FILTERS: readonly Filter[] = [
  (pod, { node }) => {
    const tolerated = (pod.spec.tolerations ?? []).some((one) => tolerates(one, UNSCHEDULABLE_TAINT));
    return node.spec.unschedulable && !tolerated ? final('node(s) were unschedulable') : undefined;
  },
  (pod, { node }) => {
    const taint = untolerated(node.spec.taints, pod.spec.tolerations);
    return taint && final(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  },
  (pod, { node }) =>
    matchesNodeAffinity(pod.spec, node)
      ? undefined
      : final("node(s) didn't match Pod's node affinity/selector"),
  (pod, { pods }) =>
    portsConflict(pod, pods)
      ? resolvable("node(s) didn't have free ports for the requested pod ports")
      : undefined,
  (pod, info) => {
    const full = info.pods.length >= parseQuantity(info.node.status?.allocatable?.pods ?? DEFAULT_POD_LIMIT);
    return [
      ...(full ? [resolvable('Too many pods')] : []),
      ...shortages(pod, info).map(({ resource, resolvable }) => ({
        reason: `Insufficient ${resource}`,
        resolvable,
      })),
    ];
  },
  (_pod, { node }, _all, volumes) => {
    const unreachable = volumes.some(({ spec }) => {
      const required = spec.nodeAffinity?.required;
      return required !== undefined && !matchesNodeSelector(required, node);
    });
    return unreachable ? final('node(s) had volume node affinity conflict') : undefined;
  },
  (pod, info, all) => {
    const problem = spreadProblem(pod, info, all);
    if (problem === 'unlabelled') return final(`${NOT_SPREAD} (missing required label)`);
    return problem && resolvable(NOT_SPREAD);
  },
  (pod, info, all) => {
    const terms = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const met = terms.every((term) => isTogether(pod, term, info, all) || isFirstOfItsKind(pod, term, all));
    return met ? undefined : final("node(s) didn't match pod affinity rules");
  },
  (pod, info, all) => {
    const terms = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const violated = terms.some((term) => isTogether(pod, term, info, all));
    return violated ? resolvable("node(s) didn't match pod anti-affinity rules") : undefined;
  },
  ({ metadata }, info, all) => {
    // The other way round: a pod that is there wants no company of this kind.
    const unwanted = all.some((other) =>
      other.pods.some((resident) =>
        (resident.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
          (term) =>
            sameDomain(term, info, other) &&
            inNamespaces(term, resident, metadata.namespace) &&
            selects(term.labelSelector, metadata.labels),
        ),
      ),
    );
    return unwanted ? resolvable("node(s) didn't satisfy existing pods anti-affinity rules") : undefined;
  },
];

/** Why the node cannot take the pod: all that one filter found; nothing if it can. */
export function refusals(
  pod: Pod,
  info: NodeInfo,
  all: readonly NodeInfo[],
  volumes: readonly PersistentVolume[],
): readonly Refusal[] {
  for (const filter of FILTERS) {
    const found = [filter(pod, info, all, volumes) ?? []].flat();
    if (found.length > 0) return found;
  }
  return [];
}

interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

function hostPorts({ spec }: Pod): HostPort[] {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP = '0.0.0.0', protocol = 'TCP' }) =>
      hostPort ? [{ ip: hostIP || '0.0.0.0', protocol, port: hostPort }] : [],
    ),
  );
}

function portsConflict(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return false;
  const used = others.filter((other) => !isPodTerminal(other)).flatMap(hostPorts);
  const anywhere = (port: HostPort) => port.ip === '0.0.0.0';
  return wanted.some((a) =>
    used.some(
      (b) => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || anywhere(a) || anywhere(b)),
    ),
  );
}
