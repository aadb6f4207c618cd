import { capture, type Engine } from '../engine/index.ts';
import type { RunningLab } from './find-lab.ts';
import { ADMIN_CONF } from './pki/cluster-pki.ts';

/** Who may log in at an application that runs in the lab. */
export interface Login {
  readonly namespace: string;
  readonly application: string;
  readonly user: string;
  readonly password: string;
}

/** Keys of a Secret that apps/wordpress and the like keep their administrator under. */
const USER = 'admin-user';
const PASSWORD = 'admin-password';

interface Secret {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * The administrators of applications that run: what Secrets with `admin-user` and `admin-password` say, where pods are
 * called after the Secret. Pure.
 *
 * @param text a list of Secrets as `kubectl get -o json` prints it; text that is none has no administrators
 * @param pods all pods of the lab
 */
export function loginsOf(
  text: string,
  pods: readonly { readonly namespace: string; readonly name: string }[],
): Login[] {
  let secrets: readonly (Secret | null)[];
  try {
    const list = JSON.parse(text) as { items?: readonly (Secret | null)[] } | null;
    secrets = Array.isArray(list?.items) ? list.items : [];
  } catch {
    return [];
  }
  return secrets.flatMap((secret) => {
    const { namespace, name: application } = secret?.metadata ?? {};
    const [user, password] = [USER, PASSWORD].map((key) => decoded(secret?.data?.[key]));
    if (!namespace || !application || user === undefined || password === undefined) return [];
    const runs = pods.some((pod) => pod.namespace === namespace && pod.name.startsWith(`${application}-`));
    return runs ? [{ namespace, application, user, password }] : [];
  });
}

const decoded = (value: unknown): string | undefined =>
  typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined;

/** Those of a running lab; none while its API does not answer. */
export async function readLogins(
  engine: Engine,
  lab: RunningLab,
  pods: readonly { readonly namespace: string; readonly name: string }[],
): Promise<Login[]> {
  const control = lab.topology.nodes.find(({ role }) => role === 'control-plane')?.name;
  const container = lab.objects.containers.find(({ name }) => name === control);
  // Secrets are asked for only where an application of the lab may have one: the question costs a start of kubectl.
  const applications = pods.some(({ name }) => name.startsWith('wordpress-'));
  if (!applications || container?.state !== 'running') return [];
  const command = ['kubectl', '--kubeconfig', ADMIN_CONF, '--request-timeout=3s'];
  const { stdout } = await capture(engine, container.id, [...command, 'get', 'secrets', '-A', '-o', 'json']);
  return loginsOf(stdout, pods);
}
