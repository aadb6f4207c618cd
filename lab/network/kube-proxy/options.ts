import type { ClusterConfig, NodeConfig, RuleLayout } from '../../api/cluster.ts';

export interface Options {
  readonly kubeconfig: string;
  readonly nodeName: string;
  readonly nodeIP: string;
  readonly layout: RuleLayout;
  readonly clusterCIDR: string | undefined;
  readonly masqueradeAll: boolean;
  readonly localhostNodePorts: boolean;
  readonly nodePortCidrs: readonly string[];
  readonly syncPeriodMs: number;
  readonly minSyncPeriodMs: number;
  readonly metricsAddress: string;
  readonly healthzAddress: string;
  /** Seconds. */
  readonly tcpTimeoutEstablished: number;
  /** Seconds. */
  readonly tcpTimeoutCloseWait: number;
  /** `` for the system's iptables, `-nft`, `-legacy`. */
  readonly iptablesVariant: string;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of a duration as Go's programs take it: `30s`, `1m30s`, `0`.
 *
 * @throws Error for anything else
 */
export function duration(text: string): number {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) throw new Error(`"${text}" is no duration, e.g. 30s`);
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    sum += Number(number) * (UNITS[unit ?? ''] ?? 0);
  }
  return sum;
}

function truth(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error(`"${text}" is neither true nor false`);
  return text === 'true';
}

/**
 * kube-proxy's flags under their real names; what is not given comes from the cluster's configuration.
 *
 * @throws Error for a flag that does not exist or a value that makes no sense
 */
export function readOptions(
  argv: readonly string[],
  cluster: ClusterConfig,
  self: NodeConfig,
  environment: NodeJS.ProcessEnv = process.env,
): Options {
  const { kubeProxy } = cluster;
  const flags: Record<string, string> = {
    kubeconfig: '/etc/kubernetes/kube-proxy.json',
    'hostname-override': self.nodeName,
    rules: kubeProxy.rules,
    'cluster-cidr': cluster.podCIDR,
    'masquerade-all': 'false',
    'iptables-localhost-nodeports': 'true',
    'nodeport-addresses': '',
    'iptables-sync-period': `${kubeProxy.syncPeriod}s`,
    'iptables-min-sync-period': `${kubeProxy.minSyncPeriod}ms`,
    'metrics-bind-address': '127.0.0.1:10249',
    'healthz-bind-address': '0.0.0.0:10256',
    'conntrack-tcp-timeout-established': '24h',
    'conntrack-tcp-timeout-close-wait': '1h',
  };
  for (const argument of argv) {
    const [, name = '', value = 'true'] = /^--([^=]+)(?:=(.*))?$/.exec(argument) ?? [];
    if (!Object.hasOwn(flags, name)) throw new Error(`unknown flag: ${argument}`);
    flags[name] = value;
  }
  const flag = (name: string) => flags[name] ?? '';
  const layout = flag('rules');
  if (layout !== '1.20' && layout !== '1.30') throw new Error(`--rules=${layout}: there are 1.20 and 1.30`);
  const variant = environment.IPTABLES_BACKEND ?? '';
  return {
    kubeconfig: flag('kubeconfig'),
    nodeName: flag('hostname-override'),
    nodeIP: self.address,
    layout,
    clusterCIDR: flag('cluster-cidr') || undefined,
    masqueradeAll: truth(flag('masquerade-all')),
    localhostNodePorts: truth(flag('iptables-localhost-nodeports')),
    nodePortCidrs: flag('nodeport-addresses').split(',').filter(Boolean),
    syncPeriodMs: duration(flag('iptables-sync-period')),
    minSyncPeriodMs: duration(flag('iptables-min-sync-period')),
    metricsAddress: flag('metrics-bind-address'),
    healthzAddress: flag('healthz-bind-address'),
    tcpTimeoutEstablished: duration(flag('conntrack-tcp-timeout-established')) / 1000,
    tcpTimeoutCloseWait: duration(flag('conntrack-tcp-timeout-close-wait')) / 1000,
    iptablesVariant: variant === '' ? '' : `-${variant}`,
  };
}
