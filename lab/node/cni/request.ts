import { type PodIdentity, parseCniArgs } from './cni-args.ts';
import { type NetworkConfig, parseNetworkConfig } from './config.ts';
import { CNI_ERROR, CniError } from './errors.ts';
import { LATEST_VERSION, SUPPORTED_VERSIONS } from './versions.ts';

/** What a runtime asks for, checked. */
export type Request =
  | { readonly command: 'VERSION'; readonly cniVersion: string }
  | (AttachmentRequest & { readonly command: 'ADD' | 'CHECK'; readonly netns: string })
  | (AttachmentRequest & { readonly command: 'DEL'; readonly netns: string | undefined });

/** What ADD, DEL and CHECK have in common. */
export interface AttachmentRequest {
  readonly containerID: string;
  readonly ifName: string;
  readonly pod: PodIdentity | undefined;
  readonly config: NetworkConfig;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * A request out of the plugin's environment and standard input (CNI 1.0.0, section 2 "Parameters").
 *
 * @throws {CniError}
 */
export function parseRequest(env: Env, stdin: string): Request {
  const command = required(env, 'CNI_COMMAND');
  if (command === 'VERSION') return { command, cniVersion: versionAskedFor(stdin) };
  if (command !== 'ADD' && command !== 'DEL' && command !== 'CHECK') {
    throw invalid('CNI_COMMAND', command, 'one of ADD, DEL, CHECK, VERSION');
  }
  const containerID = required(env, 'CNI_CONTAINERID');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(containerID)) {
    throw invalid('CNI_CONTAINERID', containerID, 'alphanumeric, then alphanumerics, "_", "." or "-"');
  }
  const ifName = required(env, 'CNI_IFNAME');
  const problem = interfaceNameProblem(ifName);
  if (problem) throw invalid('CNI_IFNAME', ifName, problem);
  const netns = env.CNI_NETNS || undefined;
  if (netns !== undefined && !netns.startsWith('/')) throw invalid('CNI_NETNS', netns, 'an absolute path');
  const pod = parseCniArgs(env.CNI_ARGS ?? '');
  const config = parseNetworkConfig(stdin);
  if (command === 'DEL') return { command, containerID, ifName, netns, pod, config };
  if (netns === undefined) required(env, 'CNI_NETNS');
  // CHECK came with specification 0.4.0.
  if (command === 'CHECK' && config.cniVersion.startsWith('0.3.')) {
    throw new CniError(
      CNI_ERROR.incompatibleVersion,
      `CHECK needs cniVersion 0.4.0, not ${config.cniVersion}`,
    );
  }
  return { command, containerID, ifName, netns: netns as string, pod, config };
}

/** What the kernel's dev_valid_name() refuses (and `:`, which the specification refuses besides). */
export function interfaceNameProblem(name: string): string | undefined {
  if (name === '.' || name === '..') return 'a name that is not "." or ".."';
  if (new TextEncoder().encode(name).length > 15) return 'at most 15 bytes';
  if (/[/:\s]/.test(name)) return 'a name without "/", ":" and white space';
  return undefined;
}

function required(env: Env, name: string): string {
  const value = env[name];
  if (!value) throw new CniError(CNI_ERROR.invalidEnvironment, `environment variable ${name} is not set`);
  return value;
}

function invalid(name: string, value: string, wanted: string): CniError {
  return new CniError(CNI_ERROR.invalidEnvironment, `${name} is "${value}", must be ${wanted}`);
}

/** VERSION answers in the version of the asker where it can; older runtimes send nothing. */
function versionAskedFor(stdin: string): string {
  try {
    const { cniVersion } = JSON.parse(stdin);
    return SUPPORTED_VERSIONS.includes(cniVersion) ? cniVersion : LATEST_VERSION;
  } catch {
    return LATEST_VERSION;
  }
}
