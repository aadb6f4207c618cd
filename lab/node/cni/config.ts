import { POD_ANNOTATIONS_CAPABILITY } from '../../api/cni.ts';
import { parseNetwork } from '../../network/calico/ipam/index.ts';
import { CNI_ERROR, CniError } from './errors.ts';
import { pinnedAddress } from './pod-annotations.ts';
import { type CniResult, parseResult } from './result.ts';
import { SUPPORTED_VERSIONS } from './versions.ts';

/** The network configuration of one plugin, as it comes on standard input. */
export interface NetworkConfig {
  readonly cniVersion: string;
  /** Name of the network, first part of the IPAM handle. */
  readonly name: string;
  /** The Kubernetes node name. */
  readonly nodeName: string;
  /** Bytes, for both ends of the veth pair. */
  readonly mtu: number;
  /** Processors that handle what arrives at the veth pair, a hexadecimal mask; undefined: the kernel's choice. */
  readonly rpsCpus: string | undefined;
  /** File that says where the API is, and who asks. */
  readonly kubeconfig: string;
  readonly logFile: string | undefined;
  readonly pool: {
    readonly cidr: string;
    readonly blockSize: number;
    readonly strictAffinity: boolean;
    readonly pinnedBlocks: Readonly<Record<string, string>>;
    readonly reservedCIDRs: readonly string[];
  };
  /** The address that the pod's annotation asks for. */
  readonly pinnedAddress: string | undefined;
  readonly prevResult: CniResult | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** @throws {CniError} what is missing or wrong, with its path in the configuration */
export function parseNetworkConfig(text: string): NetworkConfig {
  const config = parseJson(text);
  const cniVersion = config.cniVersion ?? '0.1.0';
  if (typeof cniVersion !== 'string' || !SUPPORTED_VERSIONS.includes(cniVersion)) {
    throw new CniError(
      CNI_ERROR.incompatibleVersion,
      `cniVersion ${JSON.stringify(cniVersion)} is not supported`,
      `supported: ${SUPPORTED_VERSIONS.join(', ')}`,
    );
  }
  const ipam = object(config, 'ipam');
  if (ipam.type !== 'calico-ipam') {
    throw new CniError(
      CNI_ERROR.unsupportedField,
      `ipam.type ${JSON.stringify(ipam.type)}: only calico-ipam`,
    );
  }
  if (config.datastore_type !== 'kubernetes') {
    const type = JSON.stringify(config.datastore_type);
    throw new CniError(CNI_ERROR.unsupportedField, `datastore_type ${type}: only kubernetes`);
  }
  const pools = ipam.ipv4_pools;
  if (!Array.isArray(pools) || pools.length !== 1 || typeof pools[0] !== 'string') {
    throw wrong('ipam.ipv4_pools', pools, 'an array with one CIDR');
  }
  const runtime = config.runtimeConfig === undefined ? {} : object(config, 'runtimeConfig');
  return {
    cniVersion,
    name: string(config, 'name'),
    nodeName: string(config, 'nodename'),
    mtu: integer(config, 'mtu', 68, 65535),
    rpsCpus: config.rps_cpus === undefined ? undefined : hexadecimal(config, 'rps_cpus'),
    kubeconfig: string(object(config, 'kubernetes'), 'kubeconfig', 'kubernetes.'),
    logFile: config.log_file_path === undefined ? undefined : string(config, 'log_file_path'),
    pool: {
      cidr: pools[0],
      blockSize: integer(ipam, 'block_size', 1, 32, 'ipam.'),
      strictAffinity: ipam.strict_affinity === true,
      pinnedBlocks: strings(ipam.pinned_blocks ?? {}, 'ipam.pinned_blocks'),
      reservedCIDRs: networks(ipam.reserved_cidrs ?? [], 'ipam.reserved_cidrs'),
    },
    pinnedAddress: pinnedAddress(
      strings(runtime[POD_ANNOTATIONS_CAPABILITY] ?? {}, `runtimeConfig["${POD_ANNOTATIONS_CAPABILITY}"]`),
    ),
    prevResult: config.prevResult === undefined ? undefined : parseResult(config.prevResult),
  };
}

function parseJson(text: string): Json {
  if (text.trim() === '')
    throw new CniError(CNI_ERROR.decoding, 'no network configuration on standard input');
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new CniError(
      CNI_ERROR.decoding,
      'the network configuration on standard input is not JSON',
      (error as Error).message,
    );
  }
  if (!isObject(config)) {
    throw new CniError(
      CNI_ERROR.decoding,
      'the network configuration on standard input is not a JSON object',
    );
  }
  return config;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(parent: Json, key: string): Json {
  const value = parent[key];
  if (!isObject(value)) throw wrong(key, value, 'an object');
  return value;
}

function string(parent: Json, key: string, path = ''): string {
  const value = parent[key];
  if (typeof value !== 'string' || value === '') throw wrong(path + key, value, 'a string');
  return value;
}

/** A processor mask goes into a shell text, so it is checked to the letter. */
function hexadecimal(parent: Json, key: string): string {
  const value = string(parent, key);
  if (!/^[0-9a-f]{1,8}$/.test(value)) throw wrong(key, value, 'a hexadecimal mask');
  return value;
}

function integer(parent: Json, key: string, least: number, most: number, path = ''): number {
  const value = parent[key];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(path + key, value, `an integer from ${least} to ${most}`);
}

function strings(value: unknown, path: string): Record<string, string> {
  if (!isObject(value) || Object.values(value).some((item) => typeof item !== 'string')) {
    throw wrong(path, value, 'an object with strings');
  }
  return value as Record<string, string>;
}

function networks(value: unknown, path: string): string[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string' || !parseNetwork(item))) {
    throw wrong(path, value, 'an array of CIDRs');
  }
  return value;
}

function wrong(path: string, value: unknown, wanted: string): CniError {
  const is = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
  return new CniError(CNI_ERROR.invalidConfig, `network configuration: ${path} ${is}, must be ${wanted}`);
}
