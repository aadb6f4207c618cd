import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CLUSTER_CONFIG_PATH, type ClusterConfig } from '../../api/cluster.ts';
import { RELEASES, type Release, releaseFor } from './release.ts';

export interface MetalLBOptions {
  /** JSON with server, token and caFile; where there is none the pod's service account is used. */
  readonly kubeconfig: string;
  readonly port: number;
  readonly lbClass: string | undefined;
  readonly release: Release;
}

/** Command line that controller and speaker share. @throws Error for what it does not know */
export function readOptions(args: readonly string[]): MetalLBOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kubeconfig: { type: 'string', default: '/etc/kubernetes/metallb.json' },
      port: { type: 'string', default: '7472' },
      'lb-class': { type: 'string' },
      release: { type: 'string' },
      // MetalLB's own, which its manifests give; there is one namespace and one level here.
      'log-level': { type: 'string' },
      config: { type: 'string' },
    },
  });
  const release = RELEASES.find((one) => one === values.release);
  if (values.release !== undefined && !release) {
    throw new Error(`--release is one of ${RELEASES.join(', ')}, not ${JSON.stringify(values.release)}`);
  }
  return {
    kubeconfig: values.kubeconfig,
    port: Number(values.port),
    lbClass: values['lb-class'],
    release: release ?? clusterRelease(),
  };
}

/** A pod of the pod network may not have the cluster's file: then today's MetalLB. */
function clusterRelease(): Release {
  if (!existsSync(CLUSTER_CONFIG_PATH)) return '0.13';
  const { kubeProxy } = JSON.parse(readFileSync(CLUSTER_CONFIG_PATH, 'utf8')) as ClusterConfig;
  return releaseFor(kubeProxy.rules);
}
