import { createHash } from 'node:crypto';
import type { Model } from '../model/index.ts';
import { limitZones } from './limits.ts';
import type { RenderOptions } from './options.ts';
import { proxyDefaults } from './proxy.ts';
import { serverNodes } from './server.ts';
import { block, type ConfNode, comment, conf, EMPTY, lua, print, word } from './syntax.ts';

/** Default of ingress-nginx's log-format-upstream. */
const LOG_FORMAT =
  '\'$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" ' +
  '"$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] ' +
  "$upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id'";

export interface Rendered {
  readonly text: string;
  /** Of the text; nginx answers with it once the text is live. */
  readonly checksum: string;
}

/** The whole nginx.conf. Pure: the same model is the same text. */
export function renderConf(model: Model, options: RenderOptions): Rendered {
  const { global, paths } = options;
  const before = [
    conf`daemon off`,
    conf`user www-data`,
    conf`pid ${word(paths.pid)}`,
    conf`worker_processes ${global.workerProcesses}`,
    conf`worker_shutdown_timeout ${global.workerShutdownTimeout}s`,
    conf`error_log stderr notice`,
    conf`load_module modules/ndk_http_module.so`,
    conf`load_module modules/ngx_http_lua_module.so`,
    EMPTY,
    block(conf`events`, [
      conf`multi_accept on`,
      conf`worker_connections ${global.maxWorkerConnections}`,
      conf`use epoll`,
    ]),
    EMPTY,
  ];
  const servers = model.servers.flatMap((server) => serverNodes(server, options));
  const head = print(before);
  const http = print([...httpNodes(options), ...limitZones(model), ...servers], '\t');
  const checksum = createHash('sha256').update(head).update(http).digest('hex').slice(0, 16);
  const internal = print(internalServers(checksum, options), '\t');
  const title = print([comment(`Configuration checksum: ${checksum}`)]);
  return { text: `${title}${head}http {\n${http}${internal}}\n`, checksum };
}

function httpNodes({ global, paths }: RenderOptions): ConfNode[] {
  const defaultPem = word(`${paths.ssl}/default-fake-certificate.pem`);
  return [
    { text: `lua_package_path "${paths.lua}/?.lua;;"` },
    conf`lua_shared_dict configuration_data 20m`,
    conf`lua_shared_dict balancer_state 1m`,
    lua('init_by_lua_block', [
      'lua_ingress = require("lua_ingress")',
      'balancer = require("balancer")',
      'configuration = require("configuration")',
      'require("dns").configure("/etc/resolv.conf")',
      'lua_ingress.set_config({',
      `\tuse_forwarded_headers = ${global.useForwardedHeaders},`,
      `\thttp_redirect_code = ${global.httpRedirectCode},`,
      `\thsts = ${global.hsts},`,
      `\thsts_max_age = ${global.hstsMaxAge},`,
      `\thsts_include_subdomains = ${global.hstsIncludeSubdomains},`,
      '})',
    ]),
    lua('init_worker_by_lua_block', ['lua_ingress.init_worker()']),
    EMPTY,
    conf`variables_hash_max_size 2048`,
    block(conf`geo $literal_dollar`, [conf`default "$"`]),
    // Not `close` for what is not upgraded: the connection to the endpoint is used again.
    block(conf`map $http_upgrade $connection_upgrade`, [conf`default upgrade`, conf`'' ''`]),
    block(conf`map $http_x_request_id $req_id`, [conf`default $http_x_request_id`, conf`'' $request_id`]),
    conf`tcp_nopush on`,
    conf`tcp_nodelay on`,
    conf`sendfile on`,
    conf`log_subrequest on`,
    conf`reset_timedout_connection on`,
    conf`keepalive_timeout ${global.keepAlive}s`,
    conf`keepalive_requests 1000`,
    conf`client_body_timeout 60s`,
    conf`client_header_timeout 60s`,
    conf`client_header_buffer_size 1k`,
    conf`large_client_header_buffers 4 8k`,
    conf`types_hash_max_size 2048`,
    conf`server_names_hash_max_size 4096`,
    // A host name has up to 253 characters.
    conf`server_names_hash_bucket_size 512`,
    conf`include /etc/nginx/mime.types`,
    conf`default_type text/html`,
    conf`server_tokens off`,
    conf`limit_req_status ${global.limitReqStatusCode}`,
    conf`limit_conn_status ${global.limitReqStatusCode}`,
    conf`uninitialized_variable_warn off`,
    ...proxyDefaults(global),
    { text: `log_format upstreaminfo ${LOG_FORMAT}` },
    conf`access_log ${word(`${paths.log}/access.log`)} upstreaminfo`,
    EMPTY,
    conf`ssl_protocols TLSv1.2 TLSv1.3`,
    conf`ssl_session_cache shared:SSL:10m`,
    conf`ssl_session_timeout 10m`,
    conf`ssl_session_tickets off`,
    conf`ssl_certificate ${defaultPem}`,
    conf`ssl_certificate_key ${defaultPem}`,
    EMPTY,
    block(conf`upstream upstream_balancer`, [
      comment('where a request goes is decided for each, see lua/balancer.lua'),
      conf`server 0.0.0.1`,
      lua('balancer_by_lua_block', ['balancer.balance()']),
      conf`keepalive ${global.upstreamKeepaliveConnections}`,
      conf`keepalive_timeout 60s`,
      conf`keepalive_requests 10000`,
    ]),
  ];
}

function internalServers(checksum: string, options: RenderOptions): ConfNode[] {
  return [
    EMPTY,
    comment('the 404 where there is no default backend'),
    block(conf`server`, [
      conf`listen 127.0.0.1:${options.defaultServerPort}`,
      conf`access_log off`,
      conf`default_type "text/plain; charset=utf-8"`,
      block(conf`location /`, [conf`return 404 "default backend - 404"`]),
    ]),
    EMPTY,
    comment('what the controller asks and tells'),
    block(conf`server`, [
      conf`listen 127.0.0.1:${options.statusPort}`,
      conf`set $proxy_upstream_name "internal"`,
      conf`keepalive_timeout 0`,
      conf`access_log off`,
      block(conf`location /healthz`, [conf`return 200`]),
      block(conf`location /nginx_status`, [conf`stub_status on`]),
      block(conf`location = /configuration/checksum`, [
        conf`default_type text/plain`,
        conf`return 200 ${checksum}`,
      ]),
      block(conf`location = /configuration/backends`, [
        conf`client_max_body_size 20m`,
        conf`client_body_buffer_size 20m`,
        conf`proxy_buffering off`,
        lua('content_by_lua_block', ['configuration.backends()']),
      ]),
    ]),
  ];
}
