import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, DAEMON_SETS } from '../../../api/client/index.ts';
import type { Log } from '../../../api/klog.ts';

/** Objects with this label go when their manifest goes, as with Kubernetes' own addon manager. */
export const ADDON_LABEL = 'addonmanager.kubernetes.io/mode=Reconcile';
const KUBECONFIG = '/etc/kubernetes/admin.conf';
const PRUNED = [
  'core/v1/ConfigMap',
  'core/v1/Namespace',
  'core/v1/PersistentVolumeClaim',
  'core/v1/Pod',
  'core/v1/Secret',
  'core/v1/Service',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'networking.k8s.io/v1/Ingress',
  'storage.k8s.io/v1/StorageClass',
];

/**
 * Arguments of kubectl that bring the cluster to what a folder of manifests says.
 *
 * @param prune also remove what carries the label and has no manifest any more
 */
export function applyArguments(folder: string, prune: boolean): string[] {
  const apply = ['apply', '--validate=false', '-f', folder, '-l', ADDON_LABEL];
  if (!prune) return apply;
  const allow = PRUNED.map((kind) => `--prune-allowlist=${kind}`);
  return [...apply, '--prune', ...allow];
}

/** Files named in kubectl's complaints that an object of theirs cannot be changed: a pod's specification is for life. */
export function unchangeable(stderr: string, files: readonly string[]): string[] {
  if (!/Forbidden: pod updates may not change fields|field is immutable/.test(stderr)) return [];
  return files.filter((file) => stderr.includes(file));
}

function kubectl(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile('kubectl', ['--kubeconfig', KUBECONFIG, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
}

/** Every lab has addons that are DaemonSets. Without an answer there may be some. */
async function hasAddons(client: Pick<ApiClient, 'list'>): Promise<boolean> {
  const found = client.list(DAEMON_SETS, { labelSelector: ADDON_LABEL });
  return found.then(
    ({ items }) => items.length > 0,
    () => true,
  );
}

/**
 * Applies the manifests of a folder, again after each change: what the addon manager of a real cluster does, which is
 * a loop around `kubectl apply --prune`, too.
 *
 * @param client asked once whether the cluster has any addon: to look for what is to be pruned takes a list of each kind in each
 *   namespace, and a new cluster waits for its addons
 * @returns a function that ends it
 */
export function startAddons(folder: string, client: Pick<ApiClient, 'list'>, log: Log): () => void {
  mkdirSync(folder, { recursive: true });
  let running = false;
  let again = false;
  let prune = false;
  async function apply(): Promise<void> {
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    if (files.length === 0) return;
    prune ||= await hasAddons(client);
    const { code, stdout, stderr } = await kubectl(applyArguments(folder, prune));
    prune = true;
    for (const line of stdout.split('\n')) if (line && !line.endsWith('unchanged')) log.info(line);
    if (code === 0) return;
    const replace = unchangeable(stderr, files);
    if (replace.length === 0) log.warn('Addons cannot be applied', { err: stderr.trim() });
    for (const file of replace) await kubectl(['replace', '--force', '-f', join(folder, file)]);
  }
  async function loop(): Promise<void> {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await apply();
    } while (again);
    running = false;
  }
  const watcher = watch(folder, () => void loop());
  void loop();
  return () => watcher.close();
}
