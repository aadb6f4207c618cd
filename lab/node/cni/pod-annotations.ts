import { CNI_ERROR, CniError } from './errors.ts';

const PREFIX = 'cni.projectcalico.org/';
/** Annotations of Calico that ask for what this plugin cannot do; ignoring them would deceive. */
const UNSUPPORTED = ['ipAddrsNoIpam', 'ipv4pools', 'ipv6pools', 'floatingIPs'].map((name) => PREFIX + name);

/**
 * The address asked for by `cni.projectcalico.org/ipAddrs`, a JSON list with one IPv4 address.
 *
 * @returns undefined without the annotation
 * @throws {CniError} when it is malformed, or another annotation asks for what is not there
 */
export function pinnedAddress(annotations: Readonly<Record<string, string>>): string | undefined {
  for (const name of UNSUPPORTED) {
    if (annotations[name] !== undefined) {
      throw new CniError(CNI_ERROR.unsupportedField, `annotation ${name} is not supported`);
    }
  }
  const text = annotations[`${PREFIX}ipAddrs`];
  if (text === undefined) return undefined;
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list) || list.length !== 1 || typeof list[0] !== 'string') {
    throw new CniError(
      CNI_ERROR.invalidConfig,
      `annotation ${PREFIX}ipAddrs is '${text}', must be a JSON list with one IPv4 address, e.g. ["192.168.8.193"]`,
    );
  }
  return list[0];
}
