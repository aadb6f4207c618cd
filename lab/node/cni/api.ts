import { readFileSync } from 'node:fs';
import { ApiDatastore } from '../../network/calico/datastore/index.ts';
import { IPAM_RESOURCES, Ipam } from '../../network/calico/ipam/index.ts';
import { type ApiCalls, apiCalls } from './api-calls.ts';
import type { NetworkConfig } from './config.ts';
import { CNI_ERROR, CniError } from './errors.ts';
import { parseKubeconfig } from './kubeconfig.ts';

/** By the text of the kubeconfig: a process that serves many requests keeps its connection. */
let opened: { readonly text: string; readonly calls: ApiCalls } | undefined;

/** The API as the configuration's kubeconfig describes it. @throws {CniError} when that cannot be used */
export function openApi({ kubeconfig }: NetworkConfig): ApiCalls {
  let text: string;
  try {
    text = readFileSync(kubeconfig, 'utf8');
  } catch (error) {
    throw new CniError(CNI_ERROR.datastore, `cannot read the kubeconfig: ${(error as Error).message}`);
  }
  if (opened?.text === text) return opened.calls;
  const access = parseKubeconfig(text);
  if (typeof access === 'string') {
    throw new CniError(CNI_ERROR.datastore, `cannot use the kubeconfig ${kubeconfig}: ${access}`);
  }
  opened = { text, calls: apiCalls(access) };
  return opened.calls;
}

/** IPAM of the configuration's pool. @throws {CniError} when pool and block size do not fit */
export function openIpam(client: ApiCalls, { pool }: NetworkConfig): Ipam {
  try {
    return new Ipam(new ApiDatastore(client, IPAM_RESOURCES), pool);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CniError(CNI_ERROR.invalidConfig, `network configuration: ipam: ${error.message}`);
  }
}
