import { parseArgs } from 'node:util';
import { CLUSTER_CONFIG_PATH } from '../../api/cluster.ts';

export interface ControllerOptions {
  /** JSON with server, token and caFile. */
  readonly kubeconfig: string;
  readonly clusterConfig: string;
  readonly nodeMonitorGracePeriodMs: number;
  /** PEM of the authority to publish; undefined: none. */
  readonly rootCaFile: string | undefined;
  /** Folder of manifests that the cluster always has; undefined: none. */
  readonly addonsDir: string | undefined;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A duration as Go's programs take it: `40s`, `1m30s`, `500ms`.
 *
 * @returns milliseconds
 * @throws Error for anything else
 */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new Error(`invalid duration ${JSON.stringify(text)}: expected e.g. 40s or 1m30s`);
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0);
}

/** Command line of kube-controller-manager and kube-scheduler. Flags of the real ones that are not known here are refused. */
export function readOptions(args: readonly string[], defaultKubeconfig: string): ControllerOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kubeconfig: { type: 'string', default: defaultKubeconfig },
      'cluster-config': { type: 'string', default: CLUSTER_CONFIG_PATH },
      'node-monitor-grace-period': { type: 'string', default: '40s' },
      'root-ca-file': { type: 'string' },
      'addons-dir': { type: 'string' },
    },
  });
  return {
    kubeconfig: values.kubeconfig,
    clusterConfig: values['cluster-config'],
    nodeMonitorGracePeriodMs: parseDuration(values['node-monitor-grace-period']),
    rootCaFile: values['root-ca-file'],
    addonsDir: values['addons-dir'],
  };
}
