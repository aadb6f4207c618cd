import type { ConfNode } from '../render/syntax.ts';

export type BackendProtocol = 'HTTP' | 'HTTPS' | 'GRPC' | 'GRPCS';

export interface Cors {
  enabled: boolean;
  /** `*`, or origins as `https://*.example.com`. */
  origins: readonly string[];
  methods: string;
  headers: string;
  exposeHeaders: string;
  credentials: boolean;
  /** Seconds. */
  maxAge: number;
}

export interface Sticky {
  enabled: boolean;
  cookie: string;
  /** Seconds; 0 is a cookie of the browser's session. */
  maxAge: number;
  expires: number;
  path: string;
  domain: string;
  sameSite: string;
  secure: boolean;
}

export interface Canary {
  enabled: boolean;
  weight: number;
  weightTotal: number;
  header: string;
  headerValue: string;
  /** A regular expression. */
  headerPattern: string;
  cookie: string;
}

/** A password for a location. */
export interface Auth {
  /** One that is not known is still a wish that not everybody gets in. */
  type: 'none' | 'basic' | 'unknown';
  /** Name of a secret of the Ingress' namespace. */
  secret: string;
  realm: string;
}

export interface Redirect {
  readonly url: string;
  readonly code: number;
}

/** What an Ingress' annotations come to; what they do not say comes from the ConfigMap or is ingress-nginx's default. */
export interface Settings {
  rewriteTarget: string;
  useRegex: boolean;
  xForwardedPrefix: string;
  appRoot: string;
  sslRedirect: boolean;
  forceSslRedirect: boolean;
  preserveTrailingSlash: boolean;
  /** nginx's notation, e.g. `8m`. */
  proxyBodySize: string;
  /** Seconds. */
  proxyConnectTimeout: number;
  proxySendTimeout: number;
  proxyReadTimeout: number;
  proxyBuffering: boolean;
  backendProtocol: BackendProtocol;
  upstreamVhost: string;
  serviceUpstream: boolean;
  serverAliases: readonly string[];
  /** CIDRs; empty allows everybody. */
  allow: readonly string[];
  deny: readonly string[];
  /** Requests a second from one address; 0 is no limit. */
  limitRps: number;
  limitRpm: number;
  limitConnections: number;
  limitBurstMultiplier: number;
  enableAccessLog: boolean;
  auth: Auth;
  cors: Cors;
  sticky: Sticky;
  canary: Canary;
  permanentRedirect: Redirect | undefined;
  temporalRedirect: Redirect | undefined;
  snippet: readonly ConfNode[];
  serverSnippet: readonly ConfNode[];
}

/** Defaults of ingress-nginx (internal/ingress/controller/config and its annotation parsers). */
export const DEFAULT_SETTINGS: Settings = {
  rewriteTarget: '',
  useRegex: false,
  xForwardedPrefix: '',
  appRoot: '',
  sslRedirect: true,
  forceSslRedirect: false,
  preserveTrailingSlash: false,
  proxyBodySize: '1m',
  proxyConnectTimeout: 5,
  proxySendTimeout: 60,
  proxyReadTimeout: 60,
  proxyBuffering: false,
  backendProtocol: 'HTTP',
  upstreamVhost: '',
  serviceUpstream: false,
  serverAliases: [],
  allow: [],
  deny: [],
  limitRps: 0,
  limitRpm: 0,
  limitConnections: 0,
  limitBurstMultiplier: 5,
  enableAccessLog: true,
  auth: { type: 'none', secret: '', realm: 'Authentication Required' },
  cors: {
    enabled: false,
    origins: ['*'],
    methods: 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
    headers:
      'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
    exposeHeaders: '',
    credentials: true,
    maxAge: 1_728_000,
  },
  sticky: {
    enabled: false,
    cookie: 'INGRESSCOOKIE',
    maxAge: 0,
    expires: 0,
    path: '',
    domain: '',
    sameSite: '',
    secure: false,
  },
  canary: {
    enabled: false,
    weight: 0,
    weightTotal: 100,
    header: '',
    headerValue: '',
    headerPattern: '',
    cookie: '',
  },
  permanentRedirect: undefined,
  temporalRedirect: undefined,
  snippet: [],
  serverSnippet: [],
};

/** A copy whose parts may be written to. */
export const copySettings = (settings: Settings): Settings => ({
  ...settings,
  auth: { ...settings.auth },
  cors: { ...settings.cors },
  sticky: { ...settings.sticky },
  canary: { ...settings.canary },
});
