import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
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

/** Arguments of kubectl that bring the cluster to what a folder of manifests says. */
export function applyArguments(folder: string): string[] {
  const allow = PRUNED.map((kind) => `--prune-allowlist=${kind}`);
  return ['apply', '--validate=false', '-f', folder, '--prune', '-l', ADDON_LABEL, ...allow];
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

/**
 * Applies the manifests of a folder, again after each change: what the addon manager of a real cluster does, which is
 * a loop around `kubectl apply --prune`, too.
 *
 * @returns a function that ends it
 */
export function startAddons(folder: string, log: Log): () => void {
  mkdirSync(folder, { recursive: true });
  let running = false;
  let again = false;
  async function apply(): Promise<void> {
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    if (files.length === 0) return;
    const { code, stdout, stderr } = await kubectl(applyArguments(folder));
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
