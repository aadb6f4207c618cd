/** What the API client needs out of a kubeconfig. */
interface ApiAccess {
  readonly server: string;
  readonly token: string;
  /** PEM. */
  readonly ca: string;
}

interface Kubeconfig {
  readonly clusters?: { readonly cluster?: Readonly<Record<string, unknown>> }[];
  readonly users?: { readonly user?: Readonly<Record<string, unknown>> }[];
}

/**
 * The first cluster and the first user of a kubeconfig in JSON, as calico-node writes it.
 *
 * @returns what is wrong, when it is not one
 */
export function parseKubeconfig(text: string): ApiAccess | string {
  let config: Kubeconfig | null;
  try {
    config = JSON.parse(text);
  } catch (error) {
    return `it is not JSON: ${(error as Error).message}`;
  }
  const cluster = config?.clusters?.[0]?.cluster;
  const server = cluster?.server;
  const token = config?.users?.[0]?.user?.token;
  const authority = cluster?.['certificate-authority-data'];
  if (typeof server !== 'string' || !URL.canParse(server)) return 'it has no clusters[0].cluster.server';
  if (typeof authority !== 'string') return 'it has no clusters[0].cluster.certificate-authority-data';
  if (typeof token !== 'string') return 'it has no users[0].user.token';
  return { server, token, ca: Buffer.from(authority, 'base64').toString('utf8') };
}
