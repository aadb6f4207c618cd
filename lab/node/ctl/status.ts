import { readFile } from 'node:fs/promises';
import type { CalicoStatus } from '../../api/calico-status.ts';
import type { NodeReport } from '../kubelet/status-sink.ts';

export const KUBELET_STATUS = '/run/kubelet/status.json';
export const CALICO_STATUS = '/run/calico/status.json';

/** The kubelet's report, or undefined while it has not written one. */
export async function readKubeletStatus(path = KUBELET_STATUS): Promise<NodeReport | undefined> {
  return readJson<NodeReport>(path);
}

/** What calico-node says about itself, or undefined while it has not said anything. */
export async function readCalicoStatus(path = CALICO_STATUS): Promise<CalicoStatus | undefined> {
  return readJson<CalicoStatus>(path);
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
