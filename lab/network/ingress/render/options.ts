/** What of nginx.conf does not come from Ingress objects. */
export interface RenderOptions {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** On 127.0.0.1: nginx's own state, and where endpoints are handed over. */
  readonly statusPort: number;
  /** On 127.0.0.1: the 404 of a cluster without a default backend. */
  readonly defaultServerPort: number;
  readonly paths: Paths;
  readonly global: GlobalSettings;
}

export interface Paths {
  readonly pid: string;
  /** Folder of Lua modules. */
  readonly lua: string;
  /** Folder of certificates. */
  readonly ssl: string;
  /** Folder of passwords. */
  readonly auth: string;
  /** Folder of access.log. */
  readonly log: string;
}

/** The ConfigMap's part; names and defaults are ingress-nginx's (docs: ConfigMaps). */
export interface GlobalSettings {
  readonly workerProcesses: number;
  /** Seconds that workers of an old configuration are given for what they still serve. */
  readonly workerShutdownTimeout: number;
  readonly maxWorkerConnections: number;
  /** Seconds. */
  readonly keepAlive: number;
  readonly upstreamKeepaliveConnections: number;
  readonly hsts: boolean;
  readonly hstsMaxAge: number;
  readonly hstsIncludeSubdomains: boolean;
  readonly useForwardedHeaders: boolean;
  readonly httpRedirectCode: number;
  readonly limitReqStatusCode: number;
  readonly http2: boolean;
}

export const DEFAULT_PATHS: Paths = {
  pid: '/run/nginx.pid',
  lua: '/etc/nginx/lua',
  ssl: '/etc/ingress-controller/ssl',
  auth: '/etc/ingress-controller/auth',
  log: '/var/log/nginx',
};

export const DEFAULT_GLOBAL: GlobalSettings = {
  workerProcesses: 2,
  workerShutdownTimeout: 240,
  maxWorkerConnections: 4096,
  keepAlive: 75,
  upstreamKeepaliveConnections: 320,
  hsts: true,
  hstsMaxAge: 15_724_800,
  hstsIncludeSubdomains: true,
  useForwardedHeaders: false,
  httpRedirectCode: 308,
  limitReqStatusCode: 503,
  http2: true,
};
