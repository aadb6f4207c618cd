import { type Address, type Cidr, parseAddress, parseCidr, parseRange, type Range } from './address.ts';
import { DEFAULTS } from './defaults.ts';
import type { Finding, Path } from './fault.ts';
import { ENCAPSULATIONS } from './schema-cluster.ts';

/**
 * The topology as far as it is known: a value that is missing or already faulty is undefined, so that the rules
 * say what there is to say about the rest and nothing about what follows from a mistake already reported.
 */
export interface Draft {
  /** undefined when the whole section is missing or unreadable; then nothing refers to it in vain. */
  readonly networks: readonly DraftNetwork[] | undefined;
  readonly routerName: string | undefined;
  readonly routerInterfaces: readonly DraftInterface[] | undefined;
  readonly hosts: readonly DraftInterface[];
  /** Names that the hosts' DNS servers know besides the machines'. */
  readonly dnsNames: readonly { path: Path; name: string }[];
  readonly nodes: readonly DraftNode[] | undefined;
  readonly masquerade: readonly { path: Path; network: string }[];
  readonly cluster: DraftCluster;
  readonly pods: readonly { path: Path; file: string }[];
}

export interface DraftNetwork {
  readonly path: Path;
  readonly name: string;
  readonly subnet: Cidr | undefined;
  readonly mtu: number | undefined;
}

/** An interface of the router, a host or a node. */
export interface DraftInterface {
  readonly path: Path;
  readonly owner: 'router' | 'host' | 'node';
  /** Name of the machine. */
  readonly machine: string | undefined;
  readonly network: string | undefined;
  readonly address: Address | undefined;
  readonly mac: string | undefined;
  readonly interface: string | undefined;
}

export interface DraftNode extends DraftInterface {
  readonly machine: string;
  readonly nodeName: string | undefined;
  readonly role: string | undefined;
  readonly podBlock: Cidr | undefined;
}

export interface DraftPool {
  readonly path: Path;
  readonly name: string | undefined;
  /** undefined when they could not be read at all. */
  readonly addresses: readonly { path: Path; text: string; range: Range | undefined }[] | undefined;
}

export interface DraftCluster {
  readonly podCIDR: Cidr | undefined;
  readonly blockSize: number | undefined;
  readonly reserved: readonly { path: Path; cidr: Cidr | undefined }[];
  readonly serviceCIDR: Cidr | undefined;
  readonly clusterDNS: Address | undefined;
  readonly encapsulation: 'Always' | 'CrossSubnet' | 'Never' | undefined;
  readonly mtu: number | undefined;
  readonly mtuGiven: boolean;
  readonly keepaliveTime: number | undefined;
  readonly holdTime: number | undefined;
  readonly count: number | undefined;
  readonly pools: readonly DraftPool[] | undefined;
  /** Addresses and ports that are pinned for the ingress controller's services. */
  readonly ingress: {
    readonly addresses: readonly { path: Path; text: string; address: Address | undefined; pool: boolean }[];
    readonly ports: readonly { path: Path; port: number }[];
  };
  readonly apiAddress: { path: Path; text: string; range: Range | undefined } | undefined;
}

/** Reads what is right of a file's values. `findings` are those of the schema: their places are not read. */
export function draftOf(raw: unknown, findings: readonly Finding[]): Draft {
  const faulty = new Set(
    findings
      .flatMap(({ path, meant }) => (meant ? [path, meant] : [path]))
      .map((path) => JSON.stringify(path)),
  );

  /** The value at a path; `known` is false when it or something around it is faulty. */
  function read(path: Path): { known: boolean; value?: unknown } {
    let value = raw;
    for (let i = 0; i <= path.length; i++) {
      if (faulty.has(JSON.stringify(path.slice(0, i)))) return { known: false };
      if (i === path.length) break;
      const step = path[i] as string | number;
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return { known: true };
      value = (value as Record<string | number, unknown>)[step];
    }
    return { known: true, value };
  }
  function string(path: Path, fallback?: string): string | undefined {
    const { known, value } = read(path);
    if (!known) return undefined;
    return value === undefined ? fallback : typeof value === 'string' ? value : undefined;
  }
  function number(path: Path, fallback?: number): number | undefined {
    const { known, value } = read(path);
    if (!known) return undefined;
    return value === undefined ? fallback : typeof value === 'number' ? value : undefined;
  }
  const parsed = <T>(path: Path, parse: (text: string) => T | undefined): T | undefined => {
    const text = string(path);
    return text === undefined ? undefined : parse(text);
  };
  function keys(path: Path): string[] | undefined {
    const { known, value } = read(path);
    if (!known || typeof value !== 'object' || value === null) return undefined;
    return Object.keys(value).map(String);
  }
  /** Indexes of a list: none when the list is absent, undefined when it is unknown. */
  function indexes(path: Path): number[] | undefined {
    const { known, value } = read(path);
    if (!known) return undefined;
    return Array.isArray(value) ? value.map((_, i) => i) : [];
  }
  function list(path: Path): { path: Path; text: string }[] {
    return (indexes(path) ?? []).flatMap((i) => {
      const text = string([...path, i]);
      return text === undefined ? [] : [{ path: [...path, i], text }];
    });
  }
  const attached = (
    path: Path,
    owner: 'router' | 'host' | 'node',
    machine: string | undefined,
    network: string | undefined,
  ) => ({
    path,
    owner,
    machine,
    network,
    address: parsed([...path, 'address'], parseAddress),
    mac: string([...path, 'mac'])?.toLowerCase(),
    interface: string([...path, 'interface'], owner === 'router' ? network : DEFAULTS.interface),
  });

  const routerName = string(['router', 'name'], DEFAULTS.routerName);
  const encapsulation = string(['cluster', 'encapsulation'], DEFAULTS.encapsulation);
  const loadBalancer = ['cluster', 'loadBalancer'];
  const apiAddress = string([...loadBalancer, 'apiAddress']);
  return {
    networks: keys(['networks'])?.map((name) => ({
      path: ['networks', name],
      name,
      subnet: parsed(['networks', name, 'subnet'], parseCidr),
      mtu: number(['networks', name, 'mtu'], DEFAULTS.networkMtu),
    })),
    routerName,
    routerInterfaces: keys(['router', 'interfaces'])?.map((network) =>
      attached(['router', 'interfaces', network], 'router', routerName, network),
    ),
    hosts: (keys(['hosts']) ?? []).map((name) =>
      attached(['hosts', name], 'host', name, string(['hosts', name, 'network'])),
    ),
    dnsNames: (keys(['hosts']) ?? []).flatMap((host) => {
      const records = ['hosts', host, 'dns', 'records'];
      return (keys(records) ?? []).map((name) => ({ path: [...records, name], name }));
    }),
    nodes: keys(['nodes'])?.map((name) => ({
      ...attached(['nodes', name], 'node', name, string(['nodes', name, 'network'])),
      machine: name,
      nodeName: string(['nodes', name, 'nodeName'], name),
      role: string(['nodes', name, 'role']),
      podBlock: parsed(['nodes', name, 'podBlock'], parseCidr),
    })),
    masquerade: list(['router', 'masquerade']).map(({ path, text }) => ({ path, network: text })),
    cluster: {
      podCIDR: parsed(['cluster', 'podCIDR'], parseCidr),
      blockSize: number(['cluster', 'blockSize'], DEFAULTS.blockSize),
      reserved: list(['cluster', 'reservedCIDRs']).map(({ path, text }) => ({ path, cidr: parseCidr(text) })),
      serviceCIDR: parsed(['cluster', 'serviceCIDR'], parseCidr),
      clusterDNS: parsed(['cluster', 'clusterDNS'], parseAddress),
      encapsulation:
        encapsulation !== undefined && Object.hasOwn(ENCAPSULATIONS, encapsulation)
          ? ENCAPSULATIONS[encapsulation as keyof typeof ENCAPSULATIONS]
          : undefined,
      mtu: number(['cluster', 'mtu']),
      mtuGiven: read(['cluster', 'mtu']).known === false || read(['cluster', 'mtu']).value !== undefined,
      keepaliveTime: number(['cluster', 'bgp', 'keepaliveTime'], DEFAULTS.keepaliveTime),
      holdTime: number(['cluster', 'bgp', 'holdTime'], DEFAULTS.holdTime),
      count: number([...loadBalancer, 'count']),
      pools: indexes([...loadBalancer, 'pools'])?.map((i) => {
        const path = [...loadBalancer, 'pools', i];
        const entries = indexes([...path, 'addresses']);
        return {
          path,
          name: string([...path, 'name']),
          addresses: entries?.map((j) => {
            const at = [...path, 'addresses', j];
            const text = string(at) ?? '';
            return { path: at, text, range: parseRange(text) };
          }),
        };
      }),
      ingress: {
        addresses: (['clusterIP', 'defaultBackendIP', 'loadBalancerIP'] as const).flatMap((key) => {
          const path = ['cluster', 'ingress', key];
          const text = string(path);
          return text === undefined
            ? []
            : [{ path, text, address: parseAddress(text), pool: key === 'loadBalancerIP' }];
        }),
        ports: ['httpNodePort', 'httpsNodePort'].flatMap((key) => {
          const path = ['cluster', 'ingress', key];
          const port = number(path);
          return port === undefined ? [] : [{ path, port }];
        }),
      },
      apiAddress:
        apiAddress === undefined
          ? undefined
          : {
              path: [...loadBalancer, 'apiAddress'],
              text: apiAddress,
              range: parseRange(`${apiAddress}/32`),
            },
    },
    pods: list(['pods']).map(({ path, text }) => ({ path, file: text })),
  };
}

/** All interfaces of the lab: the router's, the hosts', the nodes'. */
export function interfacesOf(draft: Draft): DraftInterface[] {
  return [...(draft.routerInterfaces ?? []), ...draft.hosts, ...(draft.nodes ?? [])];
}
