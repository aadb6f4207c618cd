import { parse, stringify } from 'yaml';
import { HoplabError } from '../../errors/index.ts';

/** First line of the file; a file with another one is not ours to overwrite. */
export const MARK = '# Written by "hoplab kubeconfig"; works while that command runs.';

/** A name that every API server's certificate carries. The address on this machine, 127.0.0.1, is not the server's. */
const SERVER_NAME = 'kubernetes';

/** What a program on this machine needs to know of the lab's own kubeconfig. */
export interface AdminConf {
  readonly host: string;
  readonly port: number;
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
  readonly namespace: string | undefined;
}

/**
 * Reads the cluster and user of a kubeconfig's current context.
 *
 * @throws HoplabError E_ADMIN_CONF when it is none
 */
export function readAdminConf(text: string): AdminConf {
  try {
    const config = parse(text) as Readonly<Record<string, unknown>>;
    const context = pick(config, 'context', config['current-context']);
    const cluster = pick(config, 'cluster', context.cluster);
    const server = new URL(String(cluster.server));
    return {
      host: server.hostname,
      port: Number(server.port || 443),
      cluster,
      user: pick(config, 'user', context.user),
      namespace: typeof context.namespace === 'string' ? context.namespace : undefined,
    };
  } catch (cause) {
    throw new HoplabError({
      code: 'E_ADMIN_CONF',
      message: `the control plane's kubeconfig cannot be read: ${(cause as Error).message}`,
      cause,
    });
  }
}

/** An entry of the lists `clusters`, `users`, `contexts`, which are all `{name, <kind>: {...}}`. */
function pick(
  config: Readonly<Record<string, unknown>>,
  kind: string,
  name: unknown,
): Readonly<Record<string, unknown>> {
  const list = config[`${kind}s`] as readonly Readonly<Record<string, unknown>>[] | undefined;
  const found = list?.find((entry) => entry.name === name)?.[kind];
  if (typeof found !== 'object' || found === null) throw new Error(`it has no ${kind} "${String(name)}"`);
  return found as Readonly<Record<string, unknown>>;
}

/**
 * The kubeconfig for programs on this machine. Its names carry the lab's, so that it can stand beside others in
 * `KUBECONFIG=a:b`.
 *
 * @param port of 127.0.0.1
 */
export function renderKubeconfig(lab: string, admin: AdminConf, port: number): string {
  const name = `hoplab-${lab}`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          ...admin.cluster,
          server: `https://127.0.0.1:${port}`,
          'tls-server-name': SERVER_NAME,
        },
      },
    ],
    users: [{ name, user: admin.user }],
    contexts: [
      {
        name,
        context: { cluster: name, user: name, ...(admin.namespace ? { namespace: admin.namespace } : {}) },
      },
    ],
    'current-context': name,
  };
  // Keys and certificates stay on one line each, as kubectl writes them.
  return `${MARK}\n${stringify(config, { lineWidth: 0 })}`;
}
