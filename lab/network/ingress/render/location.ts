import type { Settings } from '../annotations/index.ts';
import { isRewritten, type Location } from '../model/index.ts';
import { keyOfIngress } from '../objects.ts';
import { corsNodes } from './cors.ts';
import { limitNodes } from './limits.ts';
import type { RenderOptions } from './options.ts';
import { isGrpc, ownHeaders, proxyNodes } from './proxy.ts';
import {
  block,
  type ConfNode,
  conf,
  EMPTY,
  frozen,
  literal,
  lua,
  name,
  replacement,
  word,
} from './syntax.ts';

/** http, server, location. */
const DEPTH = 3;
/** The same in each location. */
const HEADER_FILTER = frozen(
  [
    EMPTY,
    lua('header_filter_by_lua_block', ['lua_ingress.header()', 'balancer.header()']),
    EMPTY,
    conf`port_in_redirect off`,
    EMPTY,
  ],
  DEPTH,
);
const VARIABLES = frozen(
  [
    conf`set $proxy_host          $proxy_upstream_name`,
    conf`set $pass_access_scheme  $scheme`,
    conf`set $pass_server_port    $server_port`,
    conf`set $best_http_host      $http_host`,
    conf`set $pass_port           $pass_server_port`,
  ],
  DEPTH,
);

/** One location, in the shape and with the variables of ingress-nginx's (Figure 88). */
export function locationBlock(location: Location, options: RenderOptions): ConfNode {
  const { settings, backend, ingress, canary, ingressPath } = location;
  const { rewrite, access, proxy } = ofSettings(settings);
  return block(headOf(location), [
    conf`set $namespace      ${ingress?.metadata.namespace ?? ''}`,
    conf`set $ingress_name   ${ingress?.metadata.name ?? ''}`,
    conf`set $service_name   ${ingress ? backend.service : ''}`,
    conf`set $service_port   ${ingress ? backend.port : ''}`,
    conf`set $location_path  ${ingressPath}`,
    rewrite,
    HEADER_FILTER,
    conf`set $proxy_upstream_name ${backend.id}`,
    VARIABLES,
    ...(settings.sticky.enabled && ingress ? [conf`set $sticky_policy ${keyOfIngress(ingress)}`] : []),
    ...(canary
      ? [conf`set $canary_upstream ${canary.backend.id}`, conf`set $canary_policy ${canary.policy}`]
      : []),
    ...(ingress ? limitNodes(ingress, settings) : []),
    access,
    ...authNodes(location, options),
    ...rewriteNodes(location),
    ...headerNodes(location, options),
    proxy,
  ]);
}

interface SettingsNodes {
  readonly rewrite: ConfNode;
  readonly access: ConfNode;
  readonly proxy: ConfNode;
}

/** Most locations of a cluster share few settings. */
const known = new WeakMap<Settings, SettingsNodes>();

/** The parts of a location that depend on nothing but its settings. */
function ofSettings(settings: Settings): SettingsNodes {
  const found = known.get(settings);
  if (found) return found;
  const access = [
    ...(settings.enableAccessLog ? [] : [conf`access_log off`]),
    EMPTY,
    ...settings.allow.map((range) => conf`allow ${word(range)}`),
    ...(settings.allow.length > 0 ? [conf`deny all`] : []),
    ...settings.deny.map((range) => conf`deny ${word(range)}`),
    ...corsNodes(settings),
    conf`client_max_body_size ${word(settings.proxyBodySize)}`,
    ...redirectNodes(settings),
  ];
  const made = {
    rewrite: frozen([EMPTY, rewriteByLua(settings)], DEPTH),
    access: frozen(access, DEPTH),
    proxy: frozen([...settings.snippet, ...proxyNodes(settings)], DEPTH),
  };
  known.set(settings, made);
  return made;
}

function headOf({ modifier, path }: Location): ConfNode {
  if (modifier === '~*') return conf`location ~* ${literal(`^${path}`)}`;
  return modifier === '=' ? conf`location = ${name(path)}` : conf`location ${name(path)}`;
}

function rewriteByLua({ forceSslRedirect, sslRedirect, preserveTrailingSlash }: Settings): ConfNode {
  return lua('rewrite_by_lua_block', [
    'lua_ingress.rewrite({',
    `\tforce_ssl_redirect = ${forceSslRedirect},`,
    `\tssl_redirect = ${sslRedirect},`,
    '\tforce_no_ssl_redirect = false,',
    `\tpreserve_trailing_slash = ${preserveTrailingSlash},`,
    '\tuse_port_in_redirects = false,',
    '})',
    'balancer.rewrite()',
  ]);
}

/** Basic authentication (RFC 7617) by nginx itself. */
function authNodes({ auth }: Location, { paths }: RenderOptions): ConfNode[] {
  if (auth === undefined) return [];
  if (auth === 'denied') return [conf`return 503`];
  return [
    conf`auth_basic ${auth.realm}`,
    conf`auth_basic_user_file ${word(`${paths.auth}/${auth.id}.htpasswd`)}`,
  ];
}

/** A redirect for all requests, or for the root. */
function redirectNodes({ permanentRedirect, temporalRedirect, appRoot }: Settings): ConfNode[] {
  const nodes: ConfNode[] = [];
  const redirect = temporalRedirect?.url ? temporalRedirect : permanentRedirect;
  if (appRoot !== '') {
    const target = literal(appRoot).text.slice(1, -1);
    nodes.push(block(conf`if ($uri = /)`, [{ text: `return 302 "$scheme://$http_host${target}"` }]));
  }
  if (redirect?.url) nodes.push(conf`return ${redirect.code} ${redirect.url}`);
  return nodes;
}

/**
 * The whole URI becomes the target wherever the path's expression matches: not bound at the start here, but nginx only gets here when it
 * matched at the start (ingress-nginx, docs/examples/rewrite).
 */
function rewriteNodes({ settings, ingressPath }: Location): ConfNode[] {
  if (!isRewritten(settings, ingressPath)) return [];
  return [conf`rewrite ${literal(`(?i)${ingressPath}`)} ${replacement(settings.rewriteTarget)} break`];
}

/** Headers of its own need all of them again: nginx inherits them from the http block only where there are none. */
function headerNodes({ settings, ingressPath, auth }: Location, { global }: RenderOptions): ConfNode[] {
  const { upstreamVhost, xForwardedPrefix } = settings;
  const prefix = isRewritten(settings, ingressPath) ? xForwardedPrefix : '';
  if (upstreamVhost === '' && prefix === '' && auth === undefined) return [];
  return ownHeaders(isGrpc(settings) ? 'grpc' : 'proxy', global, upstreamVhost, prefix, auth !== undefined);
}
