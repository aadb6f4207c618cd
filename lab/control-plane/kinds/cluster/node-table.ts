import type { V1Node } from '@kubernetes/client-node';
import type { KubeObject, TableColumn } from '../../registry/kind.ts';
import { age, ageColumn, column, columnOf, nameColumn, wide } from '../tables/index.ts';

const rolePrefix = 'node-role.kubernetes.io/';
const roleLabel = 'kubernetes.io/role';

export const nodeColumns: readonly TableColumn[] = [
  nameColumn,
  column('Status', 'The status of the node'),
  column('Roles', 'The roles of the node'),
  ageColumn,
  columnOf('Version', 'core.v1.NodeSystemInfo#kubeletVersion'),
  columnOf('Internal-IP', 'core.v1.NodeStatus#addresses', wide),
  columnOf('External-IP', 'core.v1.NodeStatus#addresses', wide),
  columnOf('OS-Image', 'core.v1.NodeSystemInfo#osImage', wide),
  columnOf('Kernel-Version', 'core.v1.NodeSystemInfo#kernelVersion', wide),
  columnOf('Container-Runtime', 'core.v1.NodeSystemInfo#containerRuntimeVersion', wide),
];

/** printNode */
export function nodeRow(object: KubeObject, now: Date): string[] {
  const { spec, status } = object as unknown as V1Node;
  const info = status?.nodeInfo;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const states = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (spec?.unschedulable) states.push('SchedulingDisabled');
  const address = (wanted: string): string =>
    status?.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>';
  return [
    object.metadata.name,
    states.join(','),
    roles(object.metadata.labels ?? {}),
    age(object.metadata.creationTimestamp, now),
    info?.kubeletVersion ?? '',
    address('InternalIP'),
    address('ExternalIP'),
    info?.osImage || '<unknown>',
    info?.kernelVersion || '<unknown>',
    info?.containerRuntimeVersion || '<unknown>',
  ];
}

function roles(labels: Readonly<Record<string, string>>): string {
  const found = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix))
      return key.length > rolePrefix.length ? [key.slice(rolePrefix.length)] : [];
    return key === roleLabel && value !== '' ? [value] : [];
  });
  return found.length === 0 ? '<none>' : [...new Set(found)].sort().join(',');
}
