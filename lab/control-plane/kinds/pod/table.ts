import type { V1Pod } from '@kubernetes/client-node';
import type { KubeObject, TableColumn } from '../../registry/kind.ts';
import { age, ageColumn, column, columnOf, nameColumn, wide } from '../tables/index.ts';
import { summarizePod } from './status-text.ts';

export const podColumns: readonly TableColumn[] = [
  nameColumn,
  column('Ready', 'The aggregate readiness state of this pod for accepting traffic.'),
  column('Status', 'The aggregate status of the containers in this pod.'),
  column(
    'Restarts',
    'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
  ),
  ageColumn,
  columnOf('IP', 'core.v1.PodStatus#podIP', wide),
  columnOf('Node', 'core.v1.PodSpec#nodeName', wide),
  columnOf('Nominated Node', 'core.v1.PodStatus#nominatedNodeName', wide),
  columnOf('Readiness Gates', 'core.v1.PodSpec#readinessGates', wide),
];

export function podRow(object: KubeObject, now: Date): (string | number)[] {
  const pod = object as unknown as V1Pod;
  const { ready, status, restarts } = summarizePod(pod, now);
  return [
    object.metadata.name,
    ready,
    status,
    restarts,
    age(object.metadata.creationTimestamp, now),
    pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>',
    pod.spec?.nodeName || '<none>',
    pod.status?.nominatedNodeName || '<none>',
    readinessGates(pod),
  ];
}

function readinessGates(pod: V1Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter(({ conditionType }) =>
    (pod.status?.conditions ?? []).some(({ type, status }) => type === conditionType && status === 'True'),
  );
  return `${met.length}/${gates.length}`;
}
