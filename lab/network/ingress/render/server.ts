import { ANY_HOST, type Server } from '../model/index.ts';
import { locationBlock } from './location.ts';
import type { RenderOptions } from './options.ts';
import { block, type ConfNode, comment, conf, EMPTY, frozen, literal, type Token, word } from './syntax.ts';

/** What a request that reaches no location has. */
const VARIABLES = frozen(
  [
    conf`set $proxy_upstream_name "-"`,
    conf`set $proxy_alternative_upstream_name ""`,
    conf`set $sticky_policy ""`,
    conf`set $canary_upstream ""`,
    conf`set $canary_policy ""`,
  ],
  2,
);

const mark = (text: string): ConfNode => ({ text: `#${comment(text).text}`, bare: true });

/** The server of one host, between the comments by which it is found. */
export function serverNodes(server: Server, options: RenderOptions): ConfNode[] {
  const { host, aliases, certificate, locations, snippet } = server;
  const { httpPort, httpsPort, global, paths } = options;
  const isDefault = host === ANY_HOST;
  const pem = certificate && `${paths.ssl}/${certificate.id}.pem`;
  return [
    EMPTY,
    mark(`start server ${host}`),
    block(conf`server`, [
      conf`server_name ${serverName(host)}`,
      ...aliases.map((alias) => conf`server_name ${word(alias)}`),
      EMPTY,
      isDefault ? conf`listen ${httpPort} default_server backlog=4096` : conf`listen ${httpPort}`,
      isDefault ? conf`listen ${httpsPort} default_server backlog=4096 ssl` : conf`listen ${httpsPort} ssl`,
      ...(global.http2 ? [conf`http2 on`] : []),
      ...(pem ? [conf`ssl_certificate ${word(pem)}`, conf`ssl_certificate_key ${word(pem)}`] : []),
      EMPTY,
      VARIABLES,
      conf`set $certificate_configured ${certificate ? 'true' : ''}`,
      ...snippet,
      ...locations.flatMap((location) => [EMPTY, locationBlock(location, options)]),
      ...(isDefault ? healthNodes(locations) : []),
    ]),
    mark(`end server ${host}`),
  ];
}

/**
 * A wildcard of an Ingress stands for exactly one label, nginx's own for any number: hence an expression.
 * The host has been checked to be a name.
 */
function serverName(host: string): Token {
  if (!host.startsWith('*.')) return word(host);
  return literal(`~^(?<subdomain>[\\w-]+)${host.slice(1).replaceAll('.', '\\.')}$`);
}

/** Where load balancers ask for the controller itself, unless an Ingress serves it. */
function healthNodes(locations: Server['locations']): ConfNode[] {
  if (locations.some(({ modifier, path }) => modifier === '=' && path === '/healthz')) return [];
  return [EMPTY, block(conf`location = /healthz`, [conf`access_log off`, conf`return 200`])];
}
