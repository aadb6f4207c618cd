import { CNI_ERROR, CniError } from './errors.ts';

/** A CNI result, as far as the plugin writes and reads it. */
export interface CniResult {
  readonly interfaces: readonly CniInterface[];
  readonly ips: readonly { readonly address: string; readonly interface: number | undefined }[];
}

export interface CniInterface {
  readonly name: string;
  readonly mac: string | undefined;
  /** Path of the namespace; undefined for interfaces of the host. */
  readonly sandbox: string | undefined;
}

/** What ADD made. */
export interface Attachment {
  readonly hostInterface: string;
  readonly hostMac: string;
  readonly podInterface: string;
  readonly podMac: string;
  readonly netns: string;
  /** Without prefix length. */
  readonly address: string;
}

/** JSON of a successful ADD. `ips[].version` went with specification 1.0.0. */
export function renderResult(cniVersion: string, made: Attachment): string {
  const version = cniVersion.startsWith('0.') ? { version: '4' } : {};
  return JSON.stringify({
    cniVersion,
    interfaces: [
      { name: made.hostInterface, mac: made.hostMac },
      { name: made.podInterface, mac: made.podMac, sandbox: made.netns },
    ],
    ips: [{ ...version, interface: 1, address: `${made.address}/32` }],
    dns: {},
  });
}

/** JSON of an error (CNI 1.0.0, section 5 "Error"). */
export function renderError(cniVersion: string, error: CniError): string {
  const details = error.details === '' ? {} : { details: error.details };
  return JSON.stringify({ cniVersion, code: error.code, msg: error.message, ...details });
}

/** JSON of VERSION. */
export function renderVersion(cniVersion: string, supportedVersions: readonly string[]): string {
  return JSON.stringify({ cniVersion, supportedVersions });
}

/** Reads a `prevResult`. @throws {CniError} when it has not the form of a result */
export function parseResult(value: unknown): CniResult {
  const { interfaces = [], ips = [] } = (value ?? {}) as { interfaces?: unknown; ips?: unknown };
  if (!Array.isArray(interfaces) || !Array.isArray(ips)) throw malformed();
  return {
    interfaces: interfaces.map((item) => {
      if (typeof item?.name !== 'string') throw malformed();
      return { name: item.name, mac: optional(item.mac), sandbox: optional(item.sandbox) };
    }),
    ips: ips.map((item) => {
      if (typeof item?.address !== 'string') throw malformed();
      const index = item.interface;
      return { address: item.address, interface: typeof index === 'number' ? index : undefined };
    }),
  };
}

function optional(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function malformed(): CniError {
  return new CniError(CNI_ERROR.invalidConfig, 'network configuration: prevResult is not a CNI result');
}
