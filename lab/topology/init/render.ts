import type { Plan } from './plan.ts';

/**
 * A plan as a topology file with comments. Pure.
 *
 * @param schema path of the JSON Schema as seen from the file, for editors
 */
export function renderTopology(plan: Plan, schema: string): string {
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    '# Written by `lab init`. Check changes with: npm run lab validate FILE',
    `name: ${quoted(plan.name)}`,
    '',
    '# The wires. Nothing but the router connects them.',
    'networks:',
    ...plan.networks.map(({ name, subnet }) => `  ${name}: { subnet: ${subnet} }`),
    '',
    'router:',
    '  interfaces:',
    ...plan.networks.map(({ name, router }) => `    ${name}: { address: ${router} }`),
    "  masquerade: [internet] # the second NAT on a pod's way out; the first is the node's",
    '',
    '# Containers outside the cluster.',
    'hosts:',
    ...plan.hosts.map(
      ({ name, network, address, dns }) =>
        `  ${name}: { network: ${network}, address: ${address}${dns ? ', dns: {}' : ''} }`,
    ),
    '',
    "# Calico chooses each node's block of pod addresses; podBlock: pins one.",
    'nodes:',
    ...plan.nodes.flatMap(({ name, role, network, address }) => [
      `  ${name}:`,
      `    role: ${role}`,
      `    network: ${network}`,
      `    address: ${address}`,
      `    interface: ${quoted(plan.interface)}`,
    ]),
    '',
    'cluster:',
    `  podCIDR: ${plan.podCIDR} # at least 64 addresses for each node`,
    `  serviceCIDR: ${plan.serviceCIDR} # between /8 and /24; its tenth address is the cluster's DNS`,
    '  encapsulation: ipip',
    `  nodeDNS: { servers: [${plan.servers.join(', ')}], search: [${plan.search.map(quoted).join(', ')}] }`,
    ...loadBalancer(plan),
    '',
    '# Pods, as files of v1 Pods with spec.nodeName, relative to this file.',
    'pods: []',
  ];
  return `${lines.join('\n')}\n`;
}

function loadBalancer({ loadBalancer: { count, range } }: Plan): string[] {
  if (range === undefined) return ['  loadBalancer: { count: 0, pools: [] }'];
  return [
    '  loadBalancer:',
    `    count: ${count}`,
    '    pools:',
    `      - { name: auto-assign-pool, addresses: [${range}] }`,
  ];
}

/** In quotes when YAML would read the word as something else than text: a number, true, null. */
function quoted(text: string): string {
  return /^[a-z]/i.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
