import type { LabStatus } from './lab-status.ts';

export type GraphFormat = 'mermaid' | 'dot';

interface Vertex {
  readonly id: string;
  readonly label: string;
  readonly kind: 'network' | 'router' | 'host' | 'node' | 'pod';
  readonly down: boolean;
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly kind: 'wire' | 'veth' | 'bgp';
}

const id = (...parts: string[]) => parts.join('_').replace(/\W/g, '_');

/** The lab as a graph: networks, machines, pods; wires, veth pairs and BGP sessions between them. */
function model(status: LabStatus): { vertices: Vertex[]; edges: Edge[] } {
  const vertices: Vertex[] = [];
  const edges: Edge[] = [];
  for (const network of status.networks) {
    const label = `${network.name}\n${network.subnet}`;
    vertices.push({ id: id('net', network.name), label, kind: 'network', down: false });
  }
  for (const host of status.hosts) {
    const self = id(host.role, host.name);
    vertices.push({ id: self, label: host.name, kind: host.role, down: host.state !== 'running' });
    for (const link of host.interfaces) {
      edges.push({
        from: self,
        to: id('net', link.network),
        label: `${link.name} ${link.address}`,
        kind: 'wire',
      });
    }
  }
  for (const node of status.nodes) {
    const self = id('node', node.name);
    const tunnel = node.tunnel ? `\ntunl0 ${node.tunnel.address}` : '';
    const label = `${node.name}\n${node.blocks.join(' ')}${tunnel}`;
    vertices.push({ id: self, label, kind: 'node', down: node.state !== 'running' });
    edges.push({
      from: id('net', node.network),
      to: self,
      label: `${node.interface} ${node.address}`,
      kind: 'wire',
    });
    for (const session of node.sessions) {
      const peer = status.nodes.find((other) => other.address === session.peer);
      // Each session is seen from both ends; draw it once.
      if (!peer || node.name > peer.name || !session.info.startsWith('Established')) continue;
      edges.push({ from: self, to: id('node', peer.name), label: 'BGP', kind: 'bgp' });
    }
  }
  for (const pod of status.pods) {
    if (pod.interface === '-') continue;
    const self = id('pod', pod.namespace, pod.name);
    const label = `${pod.namespace}/${pod.name}\neth0 ${pod.ip}`;
    vertices.push({ id: self, label, kind: 'pod', down: pod.phase !== 'Running' });
    edges.push({ from: id('node', pod.node), to: self, label: pod.interface, kind: 'veth' });
  }
  return { vertices, edges };
}

/** The running lab as a picture's source text. */
export function renderGraph(status: LabStatus, format: GraphFormat): string {
  const { vertices, edges } = model(status);
  return format === 'dot' ? renderDot(status.lab, vertices, edges) : renderMermaid(vertices, edges);
}

function renderMermaid(vertices: Vertex[], edges: Edge[]): string {
  const shape: Record<Vertex['kind'], [string, string]> = {
    network: ['[/', '/]'],
    router: ['{{', '}}'],
    host: ['([', '])'],
    node: ['[', ']'],
    pod: ['(', ')'],
  };
  const lines = ['flowchart TB'];
  for (const vertex of vertices) {
    const [open, close] = shape[vertex.kind];
    const label = vertex.label.replaceAll('"', '#quot;').replaceAll('\n', '<br/>');
    lines.push(`  ${vertex.id}${open}"${label}"${close}${vertex.down ? ':::down' : ''}`);
  }
  for (const edge of edges) {
    const arrow = edge.kind === 'bgp' ? '<-.->' : '---';
    lines.push(`  ${edge.from} ${arrow}|"${edge.label}"| ${edge.to}`);
  }
  lines.push('  classDef down stroke-dasharray: 4,opacity:0.5');
  return lines.join('\n');
}

function renderDot(name: string, vertices: Vertex[], edges: Edge[]): string {
  const shape = { network: 'parallelogram', router: 'hexagon', host: 'oval', node: 'box', pod: 'ellipse' };
  const text = (value: string) => `"${value.replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  const lines = [
    `graph ${text(name)} {`,
    '  rankdir=TB; node [fontname="sans-serif"]; edge [fontname="sans-serif"];',
  ];
  for (const vertex of vertices) {
    const style = vertex.down ? ', style=dashed' : '';
    lines.push(`  ${vertex.id} [label=${text(vertex.label)}, shape=${shape[vertex.kind]}${style}];`);
  }
  for (const edge of edges) {
    const style = edge.kind === 'bgp' ? ', style=dashed, dir=both, constraint=false' : '';
    lines.push(`  ${edge.from} -- ${edge.to} [label=${text(edge.label)}${style}];`);
  }
  lines.push('}');
  return lines.join('\n');
}
