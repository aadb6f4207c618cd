import { parseConf } from '../render/parse.ts';
import type { Settings } from './settings.ts';
import {
  bool,
  cidr,
  host,
  integer,
  line,
  list,
  names,
  oneOf,
  origin,
  path,
  regex,
  rewriteTarget,
  seconds,
  size,
  token,
  url,
} from './values.ts';

export interface AnnotationContext {
  readonly allowSnippets: boolean;
}

/** Takes the value over. @throws Error that says what is wrong with it */
export type AnnotationRule = (value: string, settings: Settings, context: AnnotationContext) => void;

const REDIRECTS = integer(300, 308);
const MANY = integer(0, 1_000_000);
const AGE = integer(0, 2_147_483_647);
const METHODS = list(
  oneOf('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE', '*'),
);

const allowList: AnnotationRule = (value, settings) => {
  settings.allow = list(cidr)(value);
};

function snippet(value: string, { allowSnippets }: AnnotationContext): ReturnType<typeof parseConf> {
  if (!allowSnippets) {
    throw new Error('snippets are refused, unless the controller runs with --allow-snippet-annotations');
  }
  return parseConf(value);
}

/** Annotations that are known, without the prefix `nginx.ingress.kubernetes.io/`; names and meanings are ingress-nginx's. */
export const ANNOTATIONS: Readonly<Record<string, AnnotationRule>> = {
  'rewrite-target': (value, settings) => {
    settings.rewriteTarget = rewriteTarget(value);
  },
  'use-regex': (value, settings) => {
    settings.useRegex = bool(value);
  },
  'x-forwarded-prefix': (value, settings) => {
    settings.xForwardedPrefix = path(value);
  },
  'app-root': (value, settings) => {
    settings.appRoot = path(value);
  },
  'ssl-redirect': (value, settings) => {
    settings.sslRedirect = bool(value);
  },
  'force-ssl-redirect': (value, settings) => {
    settings.forceSslRedirect = bool(value);
  },
  'preserve-trailing-slash': (value, settings) => {
    settings.preserveTrailingSlash = bool(value);
  },
  'proxy-body-size': (value, settings) => {
    settings.proxyBodySize = size(value);
  },
  'proxy-connect-timeout': (value, settings) => {
    settings.proxyConnectTimeout = seconds(value);
  },
  'proxy-send-timeout': (value, settings) => {
    settings.proxySendTimeout = seconds(value);
  },
  'proxy-read-timeout': (value, settings) => {
    settings.proxyReadTimeout = seconds(value);
  },
  'proxy-buffering': (value, settings) => {
    settings.proxyBuffering = oneOf('on', 'off')(value) === 'on';
  },
  'backend-protocol': (value, settings) => {
    settings.backendProtocol = oneOf('HTTP', 'HTTPS', 'GRPC', 'GRPCS')(value);
  },
  'upstream-vhost': (value, settings) => {
    settings.upstreamVhost = host(value);
  },
  'service-upstream': (value, settings) => {
    settings.serviceUpstream = bool(value);
  },
  'server-alias': (value, settings) => {
    settings.serverAliases = list(host)(value);
  },
  'whitelist-source-range': allowList,
  'allowlist-source-range': allowList,
  'denylist-source-range': (value, settings) => {
    settings.deny = list(cidr)(value);
  },
  'limit-rps': (value, settings) => {
    settings.limitRps = MANY(value);
  },
  'limit-rpm': (value, settings) => {
    settings.limitRpm = MANY(value);
  },
  'limit-connections': (value, settings) => {
    settings.limitConnections = MANY(value);
  },
  'limit-burst-multiplier': (value, settings) => {
    settings.limitBurstMultiplier = integer(1, 1000)(value);
  },
  'enable-access-log': (value, settings) => {
    settings.enableAccessLog = bool(value);
  },
  'enable-cors': (value, { cors }) => {
    cors.enabled = bool(value);
  },
  'cors-allow-origin': (value, { cors }) => {
    cors.origins = list(origin)(value);
  },
  'cors-allow-methods': (value, { cors }) => {
    cors.methods = METHODS(value).join(', ');
  },
  'cors-allow-headers': (value, { cors }) => {
    cors.headers = names(value);
  },
  'cors-expose-headers': (value, { cors }) => {
    cors.exposeHeaders = names(value);
  },
  'cors-allow-credentials': (value, { cors }) => {
    cors.credentials = bool(value);
  },
  'cors-max-age': (value, { cors }) => {
    cors.maxAge = AGE(value);
  },
  affinity: (value, { sticky }) => {
    oneOf('cookie')(value);
    sticky.enabled = true;
  },
  'affinity-mode': (value) => {
    oneOf('balanced', 'persistent')(value);
  },
  'session-cookie-name': (value, { sticky }) => {
    sticky.cookie = token(value);
  },
  'session-cookie-path': (value, { sticky }) => {
    sticky.path = path(value);
  },
  'session-cookie-domain': (value, { sticky }) => {
    sticky.domain = host(value.replace(/^\./, ''));
  },
  'session-cookie-max-age': (value, { sticky }) => {
    sticky.maxAge = AGE(value);
  },
  'session-cookie-expires': (value, { sticky }) => {
    sticky.expires = AGE(value);
  },
  'session-cookie-samesite': (value, { sticky }) => {
    sticky.sameSite = oneOf('None', 'Lax', 'Strict')(value);
  },
  'session-cookie-secure': (value, { sticky }) => {
    sticky.secure = bool(value);
  },
  canary: (value, { canary }) => {
    canary.enabled = bool(value);
  },
  'canary-weight': (value, { canary }) => {
    canary.weight = MANY(value);
  },
  'canary-weight-total': (value, { canary }) => {
    canary.weightTotal = integer(1, 1_000_000)(value);
  },
  'canary-by-header': (value, { canary }) => {
    canary.header = token(value);
  },
  'canary-by-header-value': (value, { canary }) => {
    canary.headerValue = line(value);
  },
  'canary-by-header-pattern': (value, { canary }) => {
    canary.headerPattern = regex(value);
  },
  'canary-by-cookie': (value, { canary }) => {
    canary.cookie = token(value);
  },
  'permanent-redirect': (value, settings) => {
    settings.permanentRedirect = { url: url(value), code: settings.permanentRedirect?.code ?? 301 };
  },
  'permanent-redirect-code': (value, settings) => {
    settings.permanentRedirect = { url: settings.permanentRedirect?.url ?? '', code: REDIRECTS(value) };
  },
  'temporal-redirect': (value, settings) => {
    settings.temporalRedirect = { url: url(value), code: settings.temporalRedirect?.code ?? 302 };
  },
  'temporal-redirect-code': (value, settings) => {
    settings.temporalRedirect = { url: settings.temporalRedirect?.url ?? '', code: REDIRECTS(value) };
  },
  'configuration-snippet': (value, settings, context) => {
    settings.snippet = snippet(value, context);
  },
  'server-snippet': (value, settings, context) => {
    settings.serverSnippet = snippet(value, context);
  },
  'auth-type': (value, { auth }) => {
    auth.type = 'unknown';
    auth.type = oneOf('basic')(value);
  },
  'auth-secret': (value, { auth }) => {
    auth.secret = host(value);
  },
  'auth-secret-type': (value) => {
    oneOf('auth-file')(value);
  },
  'auth-realm': (value, { auth }) => {
    // nginx would ask nobody then (ngx_http_auth_basic_handler).
    if (value === 'off') throw new Error('"off" is no realm');
    auth.realm = line(value);
  },
};
