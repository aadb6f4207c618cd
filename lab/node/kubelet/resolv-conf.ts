import type { DnsConfig, Pod } from '../runtime/index.ts';

export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface ClusterDns {
  readonly clusterDNS: string;
  readonly clusterDomain: string;
}

/** @returns what a resolv.conf(5) text says; the last `search` line counts, `domain` where there is none. */
export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = [];
  const options: string[] = [];
  let searches: string[] = [];
  for (const line of text.split('\n')) {
    const [key, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (key === 'nameserver' && words[0]) nameservers.push(words[0]);
    else if (key === 'search') searches = words.filter((word) => word !== '.');
    else if (key === 'options') options.push(...words);
    else if (key === 'domain' && searches.length === 0) searches = words.slice(0, 1);
  }
  return { nameservers, searches, options };
}

/** In the order of lines that the white paper's pods show. */
export function renderResolvConf(conf: ResolvConf): string {
  const lines = conf.nameservers.map((server) => `nameserver ${server}`);
  if (conf.searches.length > 0) lines.push(`search ${conf.searches.join(' ')}`);
  if (conf.options.length > 0) lines.push(`options ${conf.options.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

const unique = (items: readonly string[]) => [...new Set(items)];

/** dnsConfig on top: servers and searches appended, options merged by name (pkg/kubelet/network/dns). */
function withDnsConfig(conf: ResolvConf, config: DnsConfig | undefined): ResolvConf {
  if (config === undefined) return conf;
  const options = new Map(conf.options.map((option) => [option.split(':')[0] as string, option]));
  for (const { name, value } of config.options ?? []) options.set(name, value ? `${name}:${value}` : name);
  return {
    nameservers: unique([...conf.nameservers, ...(config.nameservers ?? [])]),
    searches: unique([...conf.searches, ...(config.searches ?? [])]),
    options: [...options.values()],
  };
}

/** Limits of glibc and of Kubernetes' validation: 3 servers, 32 search domains, 2048 characters. */
function limited(conf: ResolvConf): ResolvConf {
  const searches = conf.searches.slice(0, 32);
  while (searches.join(' ').length > 2048) searches.pop();
  return { nameservers: conf.nameservers.slice(0, 3), searches, options: conf.options };
}

/**
 * The pod's resolv.conf by its dnsPolicy. ClusterFirst (the default) of a hostNetwork pod is Default.
 * @param node the node's own resolv.conf
 */
export function podResolvConf(pod: Pod, node: ResolvConf, cluster: ClusterDns | undefined): ResolvConf {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  let conf = node;
  if (policy === 'None') conf = { nameservers: [], searches: [], options: [] };
  else if (
    cluster !== undefined &&
    (policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec.hostNetwork))
  ) {
    const zone = cluster.clusterDomain;
    conf = {
      nameservers: [cluster.clusterDNS],
      searches: unique([`${pod.metadata.namespace}.svc.${zone}`, `svc.${zone}`, zone, ...node.searches]),
      options: ['ndots:5'],
    };
  }
  return limited(withDnsConfig(conf, pod.spec.dnsConfig));
}
