import { renderTable } from '../output/index.ts';
import type { Login } from './logins.ts';

/** The live state of a lab, as `lab status` shows it and `lab graph` draws it. */
export interface LabStatus {
  readonly lab: string;
  readonly networks: readonly { readonly name: string; readonly subnet: string }[];
  readonly nodes: readonly NodeStatus[];
  readonly hosts: readonly HostStatus[];
  readonly pods: readonly PodStatusRow[];
  /** Administrators of the applications that run. */
  readonly logins: readonly Login[];
}

export interface HostStatus {
  readonly name: string;
  readonly role: 'router' | 'host';
  readonly state: string;
  readonly interfaces: readonly {
    readonly network: string;
    readonly name: string;
    readonly address: string;
  }[];
}

export interface NodeStatus {
  readonly name: string;
  readonly nodeName: string;
  readonly role: string;
  readonly network: string;
  readonly interface: string;
  readonly address: string;
  /** Docker's word: running, exited, missing. */
  readonly state: string;
  readonly ready: boolean;
  readonly waitingFor: readonly string[];
  readonly blocks: readonly string[];
  readonly tunnel?: { readonly dataPlane: string; readonly address: string; readonly mtu: number };
  readonly sessions: readonly { readonly peer: string; readonly state: string; readonly info: string }[];
}

export interface PodStatusRow {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly phase: string;
  readonly ready: string;
  readonly restarts: number;
  readonly ip: string;
  /** Name of the veth's end in the node's namespace; `-` for pods of the host's network. */
  readonly interface: string;
  readonly message: string;
}

/** How the user-space data plane is told apart from the kernel's, in the words of `doctor`. */
export function dataPlaneText(dataPlane: string): string {
  return dataPlane === 'kernel' ? 'kernel ipip' : 'user-space tunl0d';
}

/** The tables of `lab status`. */
export function renderStatus(status: LabStatus): string {
  const nodes = renderTable(
    ['NODE', 'STATUS', 'ADDRESS', 'POD BLOCKS', 'TUNL0', 'DATA PLANE', 'BGP'],
    status.nodes.map((node) => {
      const up = node.sessions.filter((session) => session.info.startsWith('Established')).length;
      return [
        node.name,
        node.state !== 'running' ? node.state : node.ready ? 'Ready' : 'NotReady',
        node.address,
        node.blocks.join(',') || '-',
        node.tunnel?.address ?? '-',
        node.tunnel ? dataPlaneText(node.tunnel.dataPlane) : '-',
        `${up}/${node.sessions.length} Established`,
      ];
    }),
  );
  const hosts = renderTable(
    ['OUTSIDE', 'STATUS', 'ADDRESSES'],
    status.hosts.map((host) => [
      host.name,
      host.state,
      host.interfaces.map((link) => `${link.name} ${link.address}`).join(', '),
    ]),
  );
  const pods = renderTable(
    ['NAMESPACE', 'NAME', 'READY', 'STATUS', 'RESTARTS', 'IP', 'NODE', 'INTERFACE'],
    status.pods.map((pod) => [
      pod.namespace,
      pod.name,
      pod.ready,
      pod.phase,
      String(pod.restarts),
      pod.ip || '<none>',
      pod.node,
      pod.interface,
    ]),
  );
  const logins = renderTable(
    ['NAMESPACE', 'APPLICATION', 'USER', 'PASSWORD'],
    status.logins.map(({ namespace, application, user, password }) => [
      namespace,
      application,
      user,
      password,
    ]),
  );
  const notes = [
    ...status.nodes.flatMap((node) => node.waitingFor.map((what) => `${node.name}: ${what}`)),
    ...status.pods.filter((pod) => pod.message).map((pod) => `${pod.namespace}/${pod.name}: ${pod.message}`),
  ];
  return [
    nodes,
    hosts,
    pods,
    ...(status.logins.length > 0 ? [logins] : []),
    ...(notes.length > 0 ? [notes.join('\n')] : []),
  ].join('\n\n');
}
