import type { Settings } from '../annotations/index.ts';
import { isRewritten, type Location } from '../model/index.ts';
import { keyOfIngress } from '../objects.ts';
import { corsNodes } from './cors.ts';
import { limitNodes } from './limits.ts';
import type { RenderOptions } from './options.ts';
import { block, type ConfNode, conf, EMPTY, literal, lua, name, replacement, word } from './syntax.ts';

/** One location, in the shape and with the variables of ingress-nginx's (Figure 88). */
export function locationBlock(location: Location, options: RenderOptions): ConfNode {
  const { settings, backend, ingress, canary, ingressPath } = location;
  return block(headOf(location), [
    conf`set $namespace      ${ingress?.metadata.namespace ?? ''}`,
    conf`set $ingress_name   ${ingress?.metadata.name ?? ''}`,
    conf`set $service_name   ${ingress ? backend.service : ''}`,
    conf`set $service_port   ${ingress ? backend.port : ''}`,
    conf`set $location_path  ${ingressPath}`,
    EMPTY,
    lua('rewrite_by_lua_block', [
      'lua_ingress.rewrite({',
      `\tforce_ssl_redirect = ${settings.forceSslRedirect},`,
      `\tssl_redirect = ${settings.sslRedirect},`,
      '\tforce_no_ssl_redirect = false,',
      `\tpreserve_trailing_slash = ${settings.preserveTrailingSlash},`,
      '\tuse_port_in_redirects = false,',
      '})',
      'balancer.rewrite()',
    ]),
    EMPTY,
    lua('header_filter_by_lua_block', ['lua_ingress.header()', 'balancer.header()']),
    EMPTY,
    conf`port_in_redirect off`,
    EMPTY,
    conf`set $proxy_upstream_name ${backend.id}`,
    conf`set $proxy_host          $proxy_upstream_name`,
    conf`set $pass_access_scheme  $scheme`,
    conf`set $pass_server_port    $server_port`,
    conf`set $best_http_host      $http_host`,
    conf`set $pass_port           $pass_server_port`,
    ...(settings.sticky.enabled && ingress ? [conf`set $sticky_policy ${keyOfIngress(ingress)}`] : []),
    ...(canary
      ? [conf`set $canary_upstream ${canary.backend.id}`, conf`set $canary_policy ${canary.policy}`]
      : []),
    ...(settings.enableAccessLog ? [] : [conf`access_log off`]),
    EMPTY,
    ...settings.allow.map((range) => conf`allow ${word(range)}`),
    ...(settings.allow.length > 0 ? [conf`deny all`] : []),
    ...settings.deny.map((range) => conf`deny ${word(range)}`),
    ...(ingress ? limitNodes(ingress, settings) : []),
    ...corsNodes(settings),
    conf`client_max_body_size ${word(settings.proxyBodySize)}`,
    ...redirectNodes(settings),
    ...rewriteNodes(location),
    ...settings.snippet,
    ...proxyNodes(settings, options),
  ]);
}

function headOf({ modifier, path }: Location): ConfNode {
  if (modifier === '~*') return conf`location ~* ${literal(`^${path}`)}`;
  return modifier === '=' ? conf`location = ${name(path)}` : conf`location ${name(path)}`;
}

/** A redirect for all requests, or for the root. */
function redirectNodes({ permanentRedirect, temporalRedirect, appRoot }: Settings): ConfNode[] {
  const nodes: ConfNode[] = [];
  const redirect = temporalRedirect?.url ? temporalRedirect : permanentRedirect;
  if (appRoot !== '') {
    nodes.push(
      block(conf`if ($uri = /)`, [conf`return 302 ${replacementOf('$scheme://$http_host', appRoot)}`]),
    );
  }
  if (redirect?.url) nodes.push(conf`return ${redirect.code} ${redirect.url}`);
  return nodes;
}

/** The program's own variables before a text of the Ingress. */
const replacementOf = (own: string, text: string) => {
  const token = replacement(text);
  return Object.assign(token, { text: `"${own}${token.text.slice(1)}` });
};

/**
 * The whole URI becomes the target wherever the path's expression matches: not bound at the start here, but nginx only gets here when it
 * matched at the start (ingress-nginx, docs/examples/rewrite).
 */
function rewriteNodes({ settings, ingressPath }: Location): ConfNode[] {
  if (!isRewritten(settings, ingressPath)) return [];
  return [
    conf`rewrite ${literal(`(?i)${ingressPath}`)} ${replacement(settings.rewriteTarget)} break`,
    ...(settings.xForwardedPrefix
      ? [conf`proxy_set_header X-Forwarded-Prefix ${settings.xForwardedPrefix}`]
      : []),
  ];
}

function proxyNodes(settings: Settings, { global }: RenderOptions): ConfNode[] {
  const isGrpc = settings.backendProtocol.startsWith('GRPC');
  const set = isGrpc ? 'grpc_set_header' : 'proxy_set_header';
  const header = (line: string): ConfNode => ({ text: `${set} ${line}` });
  const vhost = settings.upstreamVhost;
  const common: ConfNode[] = [
    vhost ? { ...conf`${word(set)} Host ${vhost}` } : header('Host $best_http_host'),
    header('X-Request-ID $req_id'),
    header('X-Real-IP $remote_addr'),
    header(
      global.useForwardedHeaders
        ? 'X-Forwarded-For $proxy_add_x_forwarded_for'
        : 'X-Forwarded-For $remote_addr',
    ),
    header('X-Forwarded-Host $best_http_host'),
    header('X-Forwarded-Port $pass_port'),
    header('X-Forwarded-Proto $pass_access_scheme'),
    header('X-Forwarded-Scheme $pass_access_scheme'),
    header('X-Scheme $pass_access_scheme'),
    header('X-Original-Forwarded-For $http_x_forwarded_for'),
    // An upstream that is CGI would take the header for its proxy (httpoxy).
    header('Proxy ""'),
  ];
  if (isGrpc) {
    return [
      EMPTY,
      ...common,
      conf`grpc_connect_timeout ${settings.proxyConnectTimeout}s`,
      conf`grpc_send_timeout ${settings.proxySendTimeout}s`,
      conf`grpc_read_timeout ${settings.proxyReadTimeout}s`,
      conf`grpc_next_upstream error timeout`,
      conf`grpc_next_upstream_tries 3`,
      { text: `grpc_pass ${settings.backendProtocol === 'GRPCS' ? 'grpcs' : 'grpc'}://upstream_balancer` },
    ];
  }
  return [
    EMPTY,
    ...common,
    header('Upgrade $http_upgrade'),
    header('Connection $connection_upgrade'),
    conf`proxy_connect_timeout ${settings.proxyConnectTimeout}s`,
    conf`proxy_send_timeout ${settings.proxySendTimeout}s`,
    conf`proxy_read_timeout ${settings.proxyReadTimeout}s`,
    { text: `proxy_buffering ${settings.proxyBuffering ? 'on' : 'off'}` },
    conf`proxy_buffer_size 4k`,
    conf`proxy_buffers 4 4k`,
    conf`proxy_http_version 1.1`,
    conf`proxy_cookie_domain off`,
    conf`proxy_cookie_path off`,
    conf`proxy_next_upstream error timeout`,
    conf`proxy_next_upstream_tries 3`,
    ...(settings.backendProtocol === 'HTTPS' ? [conf`proxy_ssl_server_name on`] : []),
    { text: `proxy_pass ${settings.backendProtocol === 'HTTPS' ? 'https' : 'http'}://upstream_balancer` },
    conf`proxy_redirect off`,
  ];
}
