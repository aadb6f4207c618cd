import { describe, expect, test } from 'vitest';
import { parseAnnotations } from './parse.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { ANNOTATIONS } from './table.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';
const parse = (annotations: Record<string, string>, allowSnippets = false) => {
  const named = Object.entries(annotations).map(([name, value]) => [`${PREFIX}${name}`, value]);
  return parseAnnotations(Object.fromEntries(named), DEFAULT_SETTINGS, { allowSnippets });
};

/** A value that each takes, what it comes to, and one that it refuses. */
const CASES: Readonly<Record<string, readonly [string, object, string]>> = {
  'rewrite-target': ['/$2', { rewriteTarget: '/$2' }, '/$http_cookie'],
  'use-regex': ['true', { useRegex: true }, 'yes'],
  'x-forwarded-prefix': ['/a', { xForwardedPrefix: '/a' }, 'a'],
  'app-root': ['/app', { appRoot: '/app' }, 'http://x'],
  'ssl-redirect': ['false', { sslRedirect: false }, ''],
  'force-ssl-redirect': ['1', { forceSslRedirect: true }, '2'],
  'preserve-trailing-slash': ['true', { preserveTrailingSlash: true }, 'x'],
  'proxy-body-size': ['8M', { proxyBodySize: '8m' }, '8 m'],
  'proxy-connect-timeout': ['10', { proxyConnectTimeout: 10 }, '0'],
  'proxy-send-timeout': ['10s', { proxySendTimeout: 10 }, '10m'],
  'proxy-read-timeout': ['3600', { proxyReadTimeout: 3600 }, '-1'],
  'proxy-buffering': ['on', { proxyBuffering: true }, 'true'],
  'backend-protocol': ['grpc', { backendProtocol: 'GRPC' }, 'AJP'],
  'upstream-vhost': ['a.test', { upstreamVhost: 'a.test' }, 'a b'],
  'service-upstream': ['true', { serviceUpstream: true }, 'x'],
  'server-alias': ['a.test, b.test', { serverAliases: ['a.test', 'b.test'] }, 'a;b'],
  'whitelist-source-range': ['10.0.0.0/8,192.0.2.1', { allow: ['10.0.0.0/8', '192.0.2.1'] }, '10.0.0.0/33'],
  'allowlist-source-range': ['fd00::/8', { allow: ['fd00::/8'] }, 'all'],
  'denylist-source-range': ['10.0.0.1', { deny: ['10.0.0.1'] }, '10'],
  'limit-rps': ['5', { limitRps: 5 }, '5r'],
  'limit-rpm': ['5', { limitRpm: 5 }, '-5'],
  'limit-connections': ['5', { limitConnections: 5 }, 'x'],
  'limit-burst-multiplier': ['3', { limitBurstMultiplier: 3 }, '0'],
  'enable-access-log': ['false', { enableAccessLog: false }, 'off'],
  'enable-cors': ['true', { cors: { enabled: true } }, 'x'],
  'cors-allow-origin': [
    'https://*.a.test:8443',
    { cors: { origins: ['https://*.a.test:8443'] } },
    'https://a.test/x',
  ],
  'cors-allow-methods': ['get, PUT', { cors: { methods: 'GET, PUT' } }, 'FETCH'],
  'cors-allow-headers': ['X-A, X-B', { cors: { headers: 'X-A, X-B' } }, 'X A'],
  'cors-expose-headers': ['*', { cors: { exposeHeaders: '*' } }, '$x'],
  'cors-allow-credentials': ['false', { cors: { credentials: false } }, 'x'],
  'cors-max-age': ['60', { cors: { maxAge: 60 } }, '1h'],
  affinity: ['cookie', { sticky: { enabled: true } }, 'ip'],
  'affinity-mode': ['balanced', {}, 'x'],
  'session-cookie-name': ['route', { sticky: { cookie: 'route' } }, 'a=b'],
  'session-cookie-path': ['/a', { sticky: { path: '/a' } }, '/a;b'],
  'session-cookie-domain': ['.a.test', { sticky: { domain: 'a.test' } }, 'a;b'],
  'session-cookie-max-age': ['60', { sticky: { maxAge: 60 } }, 'x'],
  'session-cookie-expires': ['60', { sticky: { expires: 60 } }, 'x'],
  'session-cookie-samesite': ['lax', { sticky: { sameSite: 'Lax' } }, 'x'],
  'session-cookie-secure': ['true', { sticky: { secure: true } }, 'x'],
  canary: ['true', { canary: { enabled: true } }, 'x'],
  'canary-weight': ['30', { canary: { weight: 30 } }, '30%'],
  'canary-weight-total': ['1000', { canary: { weightTotal: 1000 } }, '0'],
  'canary-by-header': ['X-Canary', { canary: { header: 'X-Canary' } }, 'X Canary'],
  'canary-by-header-value': ['a b', { canary: { headerValue: 'a b' } }, 'a\nb'],
  'canary-by-header-pattern': ['^v[0-9]+$', { canary: { headerPattern: '^v[0-9]+$' } }, '('],
  'canary-by-cookie': ['tryit', { canary: { cookie: 'tryit' } }, 'a b'],
  'permanent-redirect': [
    'https://a.test/b',
    { permanentRedirect: { url: 'https://a.test/b', code: 301 } },
    'javascript:x',
  ],
  'permanent-redirect-code': ['308', { permanentRedirect: { url: '', code: 308 } }, '200'],
  'temporal-redirect': ['/b', { temporalRedirect: { url: '/b', code: 302 } }, '//$host'],
  'temporal-redirect-code': ['307', { temporalRedirect: { url: '', code: 307 } }, '404'],
  'configuration-snippet': ['', {}, 'return 200;'],
  'server-snippet': ['', {}, 'return 200;'],
  'auth-secret': ['users', { auth: { secret: 'users' } }, 'other/users'],
  'auth-secret-type': ['auth-file', {}, 'auth-map'],
  'auth-realm': ['Who are you?', { auth: { realm: 'Who are you?' } }, 'a\nb'],
  'auth-type': ['basic', { auth: { type: 'basic' } }, 'digest'],
};

describe.each(Object.entries(CASES))('%s', (name, [value, wanted, wrong]) => {
  test('is taken over', () => {
    const { settings, problems } = parse({ [name]: value }, true);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject(wanted);
  });

  test('is refused, and the default holds', () => {
    const { settings, problems } = parse({ [name]: wrong });
    expect(problems).toMatchObject([{ annotation: `${PREFIX}${name}`, reason: 'InvalidAnnotation' }]);
    // Whoever wants a password and does not say how must not get an open door.
    const auth = { ...DEFAULT_SETTINGS.auth, ...(name === 'auth-type' ? { type: 'unknown' } : {}) };
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, auth });
  });
});

test('every annotation that is known is tested', () => {
  expect(Object.keys(CASES).sort()).toEqual(Object.keys(ANNOTATIONS).sort());
});

test('others of the prefix are told, those of other prefixes are not ours', () => {
  const { problems } = parseAnnotations(
    { [`${PREFIX}auth-url`]: 'x', [`${PREFIX}constructor`]: 'x', 'kubernetes.io/ingress.class': 'nginx' },
    DEFAULT_SETTINGS,
    { allowSnippets: false },
  );
  expect(problems.map(({ reason, message }) => `${reason} ${message}`)).toEqual([
    `UnknownAnnotation annotation "${PREFIX}auth-url" is not known here and has no effect`,
    `UnknownAnnotation annotation "${PREFIX}constructor" is not known here and has no effect`,
  ]);
});

test('code and address of a redirect come in any order', () => {
  const { settings } = parse({ 'permanent-redirect-code': '308', 'permanent-redirect': 'https://a.test/' });
  expect(settings.permanentRedirect).toEqual({ url: 'https://a.test/', code: 308 });
});

test('a realm that would turn the question off is none', () => {
  expect(parse({ 'auth-realm': 'off' })).toMatchObject({
    settings: { auth: { realm: DEFAULT_SETTINGS.auth.realm } },
    problems: [{ reason: 'InvalidAnnotation' }],
  });
});

test('a snippet is read when it is allowed', () => {
  expect(parse({ 'configuration-snippet': 'return 418;' }, true).settings.snippet).toEqual([
    { text: 'return 418' },
  ]);
  expect(parse({ 'configuration-snippet': '} server {' }, true).problems).toHaveLength(1);
  const server = parse({ 'server-snippet': 'location = /x { return 418; }' }, true);
  expect(server.settings.serverSnippet).toEqual([
    { text: 'location = /x', children: [{ text: 'return 418' }] },
  ]);
  expect(parse({ 'server-snippet': '} server {' }, true).problems).toHaveLength(1);
});
