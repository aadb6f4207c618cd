import { parseArgs } from 'node:util';

/** The flags of kube-apiserver that ours knows, with the same names; `--data-dir` and the kubelet's two are our own. */
const FLAGS = {
  'bind-address': '0.0.0.0',
  'secure-port': '6443',
  'data-dir': '/var/lib/apiserver',
  'tls-cert-file': '/etc/kubernetes/pki/apiserver.crt',
  'tls-private-key-file': '/etc/kubernetes/pki/apiserver.key',
  'token-auth-file': '/etc/kubernetes/pki/tokens.json',
  'service-cluster-ip-range': '',
  'cluster-cidr': '',
  'service-node-port-range': '30000-32767',
  'advertise-address': '',
  'default-not-ready-toleration-seconds': '300',
  'default-unreachable-toleration-seconds': '300',
  'service-account-signing-key-file': '',
  'kubelet-ca': '/etc/kubernetes/pki/ca.crt',
  'kubelet-token': '',
} as const;

export type FlagName = keyof typeof FLAGS;
export type Flags = Readonly<Record<FlagName, string>>;

/**
 * Reads flags, then environment (`APISERVER_SECURE_PORT` for `--secure-port`), then defaults.
 * @throws TypeError for an unknown flag
 */
export function parseFlags(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Flags {
  const options = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options, strict: true });
  return Object.fromEntries(
    Object.entries(FLAGS).map(([name, fallback]) => {
      const variable = `APISERVER_${name.replaceAll('-', '_').toUpperCase()}`;
      return [name, (values[name] as string | undefined) ?? environment[variable] ?? fallback];
    }),
  ) as unknown as Flags;
}

/** `30000-32767`. @throws RangeError */
export function parsePortRange(text: string): readonly [number, number] {
  const found = /^(\d+)-(\d+)$/.exec(text);
  const [low, high] = [Number(found?.[1]), Number(found?.[2])];
  if (!found || low < 1 || high > 65535 || low > high)
    throw new RangeError(`--service-node-port-range: ${text} is no range of ports such as 30000-32767`);
  return [low, high];
}

/** A number of seconds, 0 or more. @throws RangeError */
export function parseSeconds(flags: Flags, name: FlagName): number {
  const text = flags[name];
  if (!/^\d+$/.test(text)) throw new RangeError(`--${name}: ${text} is no number of seconds`);
  return Number(text);
}
