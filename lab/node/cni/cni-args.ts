import { CNI_ERROR, CniError } from './errors.ts';

/** The pod a container belongs to, as Kubernetes runtimes say in CNI_ARGS. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
}

const KNOWN = [
  'IgnoreUnknown',
  'K8S_POD_NAMESPACE',
  'K8S_POD_NAME',
  'K8S_POD_INFRA_CONTAINER_ID',
  'K8S_POD_UID',
];

/**
 * The pod out of CNI_ARGS, `KEY=value` pairs with `;` between. Keys that are not known are an error unless
 * `IgnoreUnknown` is set (containernetworking/cni pkg/types, LoadArgs).
 *
 * @returns undefined when no pod is named
 * @throws {CniError} invalid environment
 */
export function parseCniArgs(text: string): PodIdentity | undefined {
  const args = new Map<string, string>();
  for (const pair of text.split(';').filter(Boolean)) {
    const at = pair.indexOf('=');
    if (at < 1) throw new CniError(CNI_ERROR.invalidEnvironment, `CNI_ARGS has "${pair}", must be KEY=value`);
    args.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const unknown = [...args.keys()].filter((key) => !KNOWN.includes(key));
  if (unknown.length > 0 && !/^(1|true)$/i.test(args.get('IgnoreUnknown') ?? '')) {
    throw new CniError(
      CNI_ERROR.invalidEnvironment,
      `CNI_ARGS has unknown ${unknown.join(', ')} and no IgnoreUnknown=1`,
    );
  }
  const [namespace, name] = [args.get('K8S_POD_NAMESPACE'), args.get('K8S_POD_NAME')];
  if (!namespace && !name) return undefined;
  if (!namespace || !name) {
    throw new CniError(
      CNI_ERROR.invalidEnvironment,
      'CNI_ARGS must have both K8S_POD_NAMESPACE and K8S_POD_NAME, or neither',
    );
  }
  return { namespace, name, uid: args.get('K8S_POD_UID') || undefined };
}
