/** What a client needs to reach the API. */
export interface ApiAccess {
  /** e.g. `https://10.1.110.108:6443`. */
  readonly server: string;
  readonly token: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
}

/**
 * Text of the CNI plugin's kubeconfig, with the names that Calico's install-cni gives. JSON, because the plugin reads it
 * for every pod and has no use for a YAML parser; kubectl takes it as well.
 */
export function cniKubeconfig({ server, token, ca }: ApiAccess): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'local',
        cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: 'calico', user: { token } }],
    contexts: [{ name: 'calico-context', context: { cluster: 'local', user: 'calico' } }],
    'current-context': 'calico-context',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
