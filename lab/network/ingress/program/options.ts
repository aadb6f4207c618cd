import { parseArgs } from 'node:util';
import { DEFAULT_PATHS, type Paths } from '../render/index.ts';

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

export interface Options {
  readonly kubeconfig: string;
  readonly ingressClass: string;
  readonly controllerClass: string;
  readonly watchWithoutClass: boolean;
  readonly publishService: ObjectName | undefined;
  readonly defaultBackend: ObjectName | undefined;
  readonly configMap: ObjectName | undefined;
  readonly electionId: string;
  readonly updateStatus: boolean;
  readonly allowSnippets: boolean;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly healthzPort: number;
  readonly statusPort: number;
  readonly defaultServerPort: number;
  /** Seconds between the signal and the end of nginx. */
  readonly shutdownGracePeriod: number;
  /** Where nginx.conf is. */
  readonly conf: string;
  readonly paths: Paths;
  readonly pod: ObjectName | undefined;
}

const text = { type: 'string' } as const;
const FLAGS = {
  kubeconfig: { ...text, default: '/etc/kubernetes/ingress-nginx.json' },
  'ingress-class': { ...text, default: 'nginx' },
  'controller-class': { ...text, default: 'k8s.io/ingress-nginx' },
  'watch-ingress-without-class': { ...text, default: 'false' },
  'publish-service': text,
  'default-backend-service': text,
  configmap: text,
  'election-id': { ...text, default: 'ingress-controller-leader' },
  'update-status': { ...text, default: 'true' },
  'allow-snippet-annotations': { ...text, default: 'false' },
  'http-port': { ...text, default: '80' },
  'https-port': { ...text, default: '443' },
  'healthz-port': { ...text, default: '10254' },
  'status-port': { ...text, default: '10246' },
  'default-server-port': { ...text, default: '8181' },
  'shutdown-grace-period': { ...text, default: '0' },
  'nginx-conf': { ...text, default: '/etc/nginx/nginx.conf' },
  'nginx-pid': { ...text, default: DEFAULT_PATHS.pid },
  'lua-folder': { ...text, default: DEFAULT_PATHS.lua },
  'ssl-folder': { ...text, default: DEFAULT_PATHS.ssl },
  'auth-folder': { ...text, default: DEFAULT_PATHS.auth },
  'log-folder': { ...text, default: DEFAULT_PATHS.log },
  // Given by manifests of the real program; without a meaning here.
  'validating-webhook': text,
  'validating-webhook-certificate': text,
  'validating-webhook-key': text,
  'report-node-internal-ip-address': text,
} as const;

/** Flags that stand alone, as Go's do, mean true. */
const BOOLEANS = ['watch-ingress-without-class', 'update-status', 'allow-snippet-annotations'];

/**
 * The command line; names and defaults are the real program's (docs/user-guide/cli-arguments), paths and the last two ports aside.
 *
 * @param environment POD_NAME and POD_NAMESPACE, from the downward API
 * @throws Error for an unknown flag or a value that makes no sense
 */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const given = args
    .filter((arg) => arg !== '/nginx-ingress-controller')
    .map((arg) => (BOOLEANS.includes(arg.replace(/^--/, '')) ? `${arg}=true` : arg));
  const { values } = parseArgs({ args: given, options: FLAGS });
  const { POD_NAME: name, POD_NAMESPACE: namespace } = environment;
  const objectName = (flag: 'publish-service' | 'default-backend-service' | 'configmap') => {
    const value = values[flag]?.replaceAll('$(POD_NAMESPACE)', namespace ?? '');
    if (value === undefined || value === '') return undefined;
    const [first, second, ...rest] = value.split('/');
    if (!first || !second || rest.length > 0) throw new Error(`--${flag}=${value} is not namespace/name`);
    return { namespace: first, name: second };
  };
  const truth = (flag: 'watch-ingress-without-class' | 'update-status' | 'allow-snippet-annotations') => {
    if (!['true', 'false'].includes(values[flag]))
      throw new Error(`--${flag}=${values[flag]} is neither true nor false`);
    return values[flag] === 'true';
  };
  const number = (
    flag:
      | 'http-port'
      | 'https-port'
      | 'healthz-port'
      | 'status-port'
      | 'default-server-port'
      | 'shutdown-grace-period',
  ) => {
    if (!/^\d{1,5}$/.test(values[flag])) throw new Error(`--${flag}=${values[flag]} is not a number`);
    return Number(values[flag]);
  };
  return {
    kubeconfig: values.kubeconfig,
    ingressClass: values['ingress-class'],
    controllerClass: values['controller-class'],
    watchWithoutClass: truth('watch-ingress-without-class'),
    publishService: objectName('publish-service'),
    defaultBackend: objectName('default-backend-service'),
    configMap: objectName('configmap'),
    electionId: values['election-id'],
    updateStatus: truth('update-status'),
    allowSnippets: truth('allow-snippet-annotations'),
    httpPort: number('http-port'),
    httpsPort: number('https-port'),
    healthzPort: number('healthz-port'),
    statusPort: number('status-port'),
    defaultServerPort: number('default-server-port'),
    shutdownGracePeriod: number('shutdown-grace-period'),
    conf: values['nginx-conf'],
    paths: {
      pid: values['nginx-pid'],
      lua: values['lua-folder'],
      ssl: values['ssl-folder'],
      auth: values['auth-folder'],
      log: values['log-folder'],
    },
    pod: name && namespace ? { name, namespace } : undefined,
  };
}
