import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient } from './client.ts';
import { clientFromFile, httpsClient } from './https-client.ts';

/** Where every pod finds its identity: the projected volume that the ServiceAccount admission adds. */
export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * A file's text, read again when the file has been replaced. The kubelet swaps the volume's `..data` link when it
 * refreshes a token, so another inode stands behind the same path; asking for it costs a few microseconds.
 *
 * @throws Error (ENOENT) when the file has never been there
 */
export function rereadFile(path: string): () => string {
  let seen = '';
  let text = '';
  return () => {
    const info = statSync(path, { throwIfNoEntry: text === '' });
    const now = info === undefined ? seen : `${info.dev}:${info.ino}:${info.mtimeMs}`;
    if (now !== seen) {
      text = readFileSync(path, 'utf8').trim();
      seen = now;
    }
    return text;
  };
}

/**
 * The API as a pod of the cluster reaches it: the service `kubernetes` from the environment, the pod's own token, and the
 * cluster's authority. client-go rest.InClusterConfig.
 *
 * @throws Error outside of a pod
 */
export function inClusterClient(
  userAgent?: string,
  environment: NodeJS.ProcessEnv = process.env,
  directory = SERVICE_ACCOUNT_DIR,
): ApiClient {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port) {
    throw new Error(
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
    );
  }
  const token = rereadFile(join(directory, 'token'));
  token(); // A pod without a token says so at its start, not at its first request.
  return httpsClient({
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    token,
    ca: readFileSync(join(directory, 'ca.crt')),
    ...(userAgent ? { userAgent } : {}),
  });
}

/**
 * The client of a program that runs with a configuration file on a node, or as a pod without one.
 *
 * @param file used if it exists
 * @throws Error when there is neither
 */
export function clientFromEnvironment(file?: string, userAgent?: string): ApiClient {
  return file !== undefined && existsSync(file)
    ? clientFromFile(file, userAgent)
    : inClusterClient(userAgent);
}
