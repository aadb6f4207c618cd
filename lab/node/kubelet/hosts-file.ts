import { type Pod, podHostname } from '../runtime/index.ts';

/** The pod's /etc/hosts, byte for byte as the real kubelet writes it (pkg/kubelet/kubelet_pods.go). */
export function podHostsFile(pod: Pod, podIP: string, nodeHosts: string, clusterDomain: string): string {
  const aliases = (pod.spec.hostAliases ?? []).map(
    ({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`,
  );
  const tail = aliases.length > 0 ? `\n# Entries added by HostAliases.\n${aliases.join('')}` : '';
  if (pod.spec.hostNetwork) {
    return `# Kubernetes-managed hosts file (host network).\n${nodeHosts}${tail}`;
  }
  const hostname = podHostname(pod);
  const domain = pod.spec.subdomain
    ? `${pod.spec.subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`
    : undefined;
  return [
    '# Kubernetes-managed hosts file.\n',
    '127.0.0.1\tlocalhost\n',
    '::1\tlocalhost ip6-localhost ip6-loopback\n',
    'fe00::0\tip6-localnet\n',
    'fe00::0\tip6-mcastprefix\n',
    'fe00::1\tip6-allnodes\n',
    'fe00::2\tip6-allrouters\n',
    domain === undefined ? `${podIP}\t${hostname}\n` : `${podIP}\t${hostname}.${domain}\t${hostname}\n`,
    tail,
  ].join('');
}
