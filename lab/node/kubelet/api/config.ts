import { access, constants } from 'node:fs/promises';
import { readOptional } from '../../runtime/index.ts';

/** Where a node finds its API server; without this file it runs the pods of its files and nothing else. */
export const KUBELET_CONFIG_PATH = '/etc/kubernetes/kubelet.json';

export interface KubeletConfig {
  /** e.g. `https://10.1.110.108:6443`. */
  readonly server: string;
  readonly token: string;
  readonly caFile: string;
  /** Seconds between renewals of the node's lease; from {@link heartbeatFor} unless told. */
  readonly heartbeatSeconds?: number;
  /** Tokens that the kubelet's own server takes, besides the privileged ones of tokens.json where the node has it. */
  readonly serverTokens?: readonly string[];
}

/** The kubelet's own server: logs, exec and port-forward. */
export const CERTIFICATE = '/etc/kubernetes/pki/kubelet.crt';
export const KEY = '/etc/kubernetes/pki/kubelet.key';

/**
 * A kubelet that lacks a part of its identity would run half: pods without logs, or a node that never registers. It says
 * what is missing and ends instead, as the real one does.
 * @throws Error that names every file that cannot be read
 */
export async function checkIdentity(config: KubeletConfig): Promise<void> {
  const files = { 'client CA file': config.caFile, 'TLS certificate': CERTIFICATE, 'TLS private key': KEY };
  const faults = await Promise.all(
    Object.entries(files).map(async ([what, file]) => {
      const fault = await access(file, constants.R_OK).then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      );
      return fault === undefined ? [] : [`unable to load ${what} ${file}: ${fault}`];
    }),
  );
  if (faults.flat().length > 0) throw new Error(faults.flat().join('; '));
}

/** Longest time between two renewals, as the real kubelet's; seconds. */
const HEARTBEAT = 10;

/**
 * How often a node renews its lease so that it is never taken for silent: several times within the grace period of the
 * node life-cycle controller, where the topology makes that short.
 * @param gracePeriod seconds @returns seconds
 */
export const heartbeatFor = (gracePeriod: number): number => Math.min(HEARTBEAT, gracePeriod / 4);

/** @returns undefined when the node has none. @throws Error for a file that is not JSON */
export async function readKubeletConfig(): Promise<KubeletConfig | undefined> {
  const text = await readOptional(KUBELET_CONFIG_PATH);
  return text === undefined ? undefined : (JSON.parse(text) as KubeletConfig);
}
