import { readOptional } from '../../runtime/index.ts';

/** Where a node finds its API server; without this file it runs the pods of its files and nothing else. */
export const KUBELET_CONFIG_PATH = '/etc/kubernetes/kubelet.json';

export interface KubeletConfig {
  /** e.g. `https://10.1.110.108:6443`. */
  readonly server: string;
  readonly token: string;
  readonly caFile: string;
  /** Seconds between renewals of the node's lease; 10 unless told. */
  readonly heartbeatSeconds?: number;
  /** Tokens that the kubelet's own server takes, besides the privileged ones of tokens.json where the node has it. */
  readonly serverTokens?: readonly string[];
}

/** @returns undefined when the node has none. @throws Error for a file that is not JSON */
export async function readKubeletConfig(): Promise<KubeletConfig | undefined> {
  const text = await readOptional(KUBELET_CONFIG_PATH);
  return text === undefined ? undefined : (JSON.parse(text) as KubeletConfig);
}
