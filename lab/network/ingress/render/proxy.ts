import { DEFAULT_SETTINGS, type Settings } from '../annotations/index.ts';
import type { GlobalSettings } from './options.ts';
import { type ConfNode, conf, word } from './syntax.ts';

type Module = 'proxy' | 'grpc';

export const isGrpc = ({ backendProtocol }: Settings): boolean => backendProtocol.startsWith('GRPC');

/** What an endpoint is told of a request, with names and values as ingress-nginx has them. */
function headers(module: Module, { useForwardedHeaders }: GlobalSettings, host: string): ConfNode[] {
  const set = (line: string): ConfNode => ({ text: `${module}_set_header ${line}` });
  return [
    host === '' ? set('Host $best_http_host') : conf`${word(`${module}_set_header`)} Host ${host}`,
    set('X-Request-ID $req_id'),
    set('X-Real-IP $remote_addr'),
    set(`X-Forwarded-For ${useForwardedHeaders ? '$proxy_add_x_forwarded_for' : '$remote_addr'}`),
    set('X-Forwarded-Host $best_http_host'),
    set('X-Forwarded-Port $pass_port'),
    set('X-Forwarded-Proto $pass_access_scheme'),
    set('X-Forwarded-Scheme $pass_access_scheme'),
    set('X-Scheme $pass_access_scheme'),
    set('X-Original-Forwarded-For $http_x_forwarded_for'),
    // An upstream that is CGI would take the header for its proxy (httpoxy).
    set('Proxy ""'),
    ...(module === 'proxy' ? [set('Upgrade $http_upgrade'), set('Connection $connection_upgrade')] : []),
  ];
}

/** The headers of a location that says another host, a prefix, or not what password was given. */
export const ownHeaders = (
  module: Module,
  global: GlobalSettings,
  host: string,
  prefix: string,
  withoutPassword: boolean,
): ConfNode[] => [
  ...headers(module, global, host),
  ...(prefix === '' ? [] : [conf`${word(`${module}_set_header`)} X-Forwarded-Prefix ${prefix}`]),
  ...(withoutPassword ? [{ text: `${module}_set_header Authorization ""` }] : []),
];

/** What locations inherit: with a thousand Ingresses, the larger part of the file would be repetition. */
export function proxyDefaults(global: GlobalSettings): ConfNode[] {
  return [
    ...headers('proxy', global, ''),
    ...headers('grpc', global, ''),
    ...(['proxy', 'grpc'] as const).flatMap((module) => [
      ...timeouts(module, DEFAULT_SETTINGS),
      { text: `${module}_next_upstream error timeout` },
      { text: `${module}_next_upstream_tries 3` },
    ]),
    conf`proxy_buffering off`,
    conf`proxy_buffer_size 4k`,
    conf`proxy_buffers 4 4k`,
    conf`proxy_http_version 1.1`,
    conf`proxy_cookie_domain off`,
    conf`proxy_cookie_path off`,
    conf`proxy_redirect off`,
    conf`proxy_ssl_server_name on`,
  ];
}

function timeouts(module: Module, settings: Settings): ConfNode[] {
  const { proxyConnectTimeout, proxySendTimeout, proxyReadTimeout } = settings;
  return [
    { text: `${module}_connect_timeout ${proxyConnectTimeout}s` },
    { text: `${module}_send_timeout ${proxySendTimeout}s` },
    { text: `${module}_read_timeout ${proxyReadTimeout}s` },
  ];
}

const PASS: Readonly<Record<Settings['backendProtocol'], ConfNode>> = {
  HTTP: conf`proxy_pass http://upstream_balancer`,
  HTTPS: conf`proxy_pass https://upstream_balancer`,
  GRPC: conf`grpc_pass grpc://upstream_balancer`,
  GRPCS: conf`grpc_pass grpcs://upstream_balancer`,
};

/** What differs from {@link proxyDefaults}, and where the request goes. */
export function proxyNodes(settings: Settings): ConfNode[] {
  const module = isGrpc(settings) ? 'grpc' : 'proxy';
  const inherited = new Set(timeouts(module, DEFAULT_SETTINGS).map(({ text }) => text));
  return [
    ...timeouts(module, settings).filter(({ text }) => !inherited.has(text)),
    ...(settings.proxyBuffering ? [conf`proxy_buffering on`] : []),
    PASS[settings.backendProtocol],
  ];
}
