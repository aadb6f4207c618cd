import type { NetworkList, PluginConfig } from './config.ts';

export type CniCommand = 'ADD' | 'DEL' | 'CHECK';

/** What the runtime tells a plugin about one attachment. */
export interface Attachment {
  readonly containerId: string;
  /** Path of the network namespace; empty when it has gone already (DEL only). */
  readonly netns: string;
  readonly ifName: string;
  readonly podNamespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly portMappings: readonly PortMapping[];
}

export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostIP?: string;
}

export interface CniResult {
  readonly cniVersion?: string;
  readonly ips?: readonly { readonly address: string; readonly gateway?: string }[];
  /** Results before 0.3.0. */
  readonly ip4?: { readonly ip: string };
  readonly [key: string]: unknown;
}

/** The variables of the specification's section 2, on top of the caller's own environment. */
export function cniEnv(command: CniCommand, attachment: Attachment, cniPath: string): Record<string, string> {
  return {
    CNI_COMMAND: command,
    CNI_CONTAINERID: attachment.containerId,
    CNI_NETNS: attachment.netns,
    CNI_IFNAME: attachment.ifName,
    CNI_PATH: cniPath,
    CNI_ARGS: [
      'IgnoreUnknown=1',
      `K8S_POD_NAMESPACE=${attachment.podNamespace}`,
      `K8S_POD_NAME=${attachment.podName}`,
      `K8S_POD_INFRA_CONTAINER_ID=${attachment.containerId}`,
      `K8S_POD_UID=${attachment.podUid}`,
    ].join(';'),
  };
}

/**
 * What a plugin gets on stdin: its part of the list with the list's name and version, the previous plugin's
 * result, and `runtimeConfig` for the capabilities it declares (specification, section 3).
 */
export function pluginInput(
  list: NetworkList,
  plugin: PluginConfig,
  attachment: Attachment,
  prevResult: CniResult | undefined,
): Record<string, unknown> {
  const offered: Record<string, unknown> = {
    'io.kubernetes.cri.pod-annotations': attachment.annotations,
    ...(attachment.portMappings.length > 0 ? { portMappings: attachment.portMappings } : {}),
  };
  const runtimeConfig = Object.fromEntries(
    Object.entries(plugin.capabilities ?? {})
      .filter(([capability, wanted]) => wanted && capability in offered)
      .map(([capability]) => [capability, offered[capability]]),
  );
  const { capabilities: _capabilities, ...own } = plugin;
  return {
    ...own,
    name: list.name,
    cniVersion: list.cniVersion,
    ...(Object.keys(runtimeConfig).length > 0 ? { runtimeConfig } : {}),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
}

/** A plugin refused; carries the specification's code and text. */
export class CniError extends Error {
  readonly code: number;
  constructor(plugin: string, command: CniCommand, code: number, text: string) {
    super(`plugin type="${plugin}" failed (${command.toLowerCase()}): ${text}`);
    this.name = 'CniError';
    this.code = code;
  }
}

/** @returns the error of a plugin that ended with a code other than 0: its JSON, or whatever it printed. */
export function pluginError(
  plugin: string,
  command: CniCommand,
  result: { code: number; stdout: string; stderr: string },
): CniError {
  try {
    const { code, msg, details } = JSON.parse(result.stdout) as {
      code: number;
      msg: string;
      details?: string;
    };
    if (typeof msg === 'string')
      return new CniError(plugin, command, code, details ? `${msg}: ${details}` : msg);
  } catch {
    // Not the specification's JSON: a crash, or a plugin that is not there.
  }
  const said = result.stderr.trim() || result.stdout.trim() || 'no output';
  return new CniError(plugin, command, 999, `exit code ${result.code}: ${said}`);
}

/** @returns the first IPv4 address of a result, without its prefix length. */
export function resultIPv4(result: CniResult): string | undefined {
  const addresses = [...(result.ips ?? []).map((ip) => ip.address), result.ip4?.ip ?? ''];
  return addresses.find((address) => /^\d+\.\d+\.\d+\.\d+/.test(address))?.split('/')[0];
}
