import type { Ingress, Secret } from '../objects.ts';
import { ingress, path } from './cluster.fixture.ts';

/** Looked for in what nginx reads: it may only be a part of one word, of a place for a path. */
export const MARK = 'pwned';

/** What somebody may write where a path, a host, a name or a value is expected. */
export const ATTACKS: readonly string[] = [
  `/; ${MARK}`,
  `/;${MARK};`,
  `/\n${MARK};`,
  `/\r\n${MARK} on;`,
  `/\u0000${MARK};`,
  `/\t${MARK}`,
  `/\u000b${MARK};`,
  `/\u000c${MARK};`,
  `/\u0085${MARK};`,
  `/\u2028${MARK};`,
  `/ {} ${MARK}`,
  `/} ${MARK} {`,
  `/}}} ${MARK} {{{`,
  `/" ; ${MARK} "`,
  `/"; ${MARK}; #`,
  `/\\"; ${MARK}; #`,
  `/\\\\"; ${MARK}; #`,
  `/\\\\\\"; ${MARK}; #`,
  `/'; ${MARK}; '`,
  `/\\'; ${MARK}; '`,
  `/"} ${MARK} {"`,
  `/"\n} ${MARK} {\n"`,
  `/# ${MARK}`,
  `/ # \n ${MARK};`,
  `/\\n${MARK};`,
  `/\\\n${MARK};`,
  `/a\\`,
  `/a\\\\`,
  `/a"`,
  `/a'`,
  `/a{`,
  `/a}`,
  `/a;`,
  '/a b c',
  `/$${MARK}`,
  `/\${${MARK}}`,
  '/$http_authorization',
  '/$request_body',
  '/${document_root}',
  '/$arg_x$cookie_y',
  '/$0$10$99',
  '/$$',
  '/$',
  `/(?<${MARK}>.*)`,
  `/(?P<${MARK}>.*)`,
  `/(?'${MARK}'.*)`,
  '/(?<proxy_upstream_name>.*)',
  '/(?#comment)x',
  '/(*ACCEPT)x',
  '/(?R)',
  '/(unclosed',
  '/[unclosed',
  '/a{2,1}',
  '/(?:x',
  `/") { return 200 ${MARK}; } location ~ ("`,
  `/) { ${MARK}`,
  `~ ^/${MARK}`,
  `= /${MARK}`,
  `@${MARK}`,
  `include /etc/passwd; # ${MARK}`,
  `/" { } location /${MARK} { return 200; } location "`,
  `/x/../../etc/${MARK}`,
  `/%0a${MARK};`,
  `/%22;${MARK}`,
  `/“; ${MARK}; ”`,
  `/\ufeff;${MARK}`,
  `/\ud800${MARK}`,
  `_by_lua_block { os.execute("${MARK}") }`,
  `/ content_by_lua_block { ngx.say("${MARK}") }`,
  `/]] ${MARK}`,
  `*.${MARK}; listen 81`,
  `a.test ${MARK}.test`,
  `a.test;${MARK}`,
  `~^(?<x>.*)${MARK}$`,
  `_; return 200 ${MARK}`,
  `https://x.test/; return 200 ${MARK}`,
  `https://x.test/"; return 200 "${MARK}`,
  'https://x.test/$request_uri',
  `10.0.0.0/8; deny ${MARK}`,
  `1; } ${MARK} {`,
  `1m; ${MARK} on`,
  `true; ${MARK}`,
  `x"; ngx.say("${MARK}") --`,
  `x\tbackend\t${MARK}\t10.0.0.1\t80`,
  `x\nbackend\t${MARK}\t10.0.0.1\t80`,
  `${'a'.repeat(5000)};${MARK}`,
  `/${'a'.repeat(4090)}";${MARK};`,
];

/** Without passwords nobody gets in, and a realm stands nowhere. */
export const SECRETS: Readonly<Record<string, Secret>> = {
  'default/users': {
    metadata: { name: 'users', namespace: 'default' },
    data: { auth: Buffer.from('ann:{PLAIN}secret').toString('base64') },
  },
};

export type Place = (attack: string) => Ingress;

const annotation =
  (name: string, others: Readonly<Record<string, string>> = {}, at = '/x(.*)'): Place =>
  (attack) =>
    ingress('one', [path(at, 'svc', 'ImplementationSpecific')], {
      host: 'x.test',
      annotations: { ...others, [name]: attack },
    });

const ANNOTATED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'rewrite-target': {},
  'use-regex': {},
  'x-forwarded-prefix': { 'rewrite-target': '/$1' },
  'app-root': {},
  'ssl-redirect': {},
  'proxy-body-size': {},
  'proxy-connect-timeout': {},
  'proxy-send-timeout': {},
  'proxy-read-timeout': {},
  'proxy-buffering': {},
  'backend-protocol': {},
  'upstream-vhost': {},
  'server-alias': {},
  'whitelist-source-range': {},
  'denylist-source-range': {},
  'limit-rps': {},
  'limit-burst-multiplier': { 'limit-rps': '1' },
  'enable-cors': {},
  'cors-allow-origin': { 'enable-cors': 'true' },
  'cors-allow-methods': { 'enable-cors': 'true' },
  'cors-allow-headers': { 'enable-cors': 'true' },
  'cors-expose-headers': { 'enable-cors': 'true' },
  'cors-max-age': { 'enable-cors': 'true' },
  affinity: {},
  'session-cookie-name': { affinity: 'cookie' },
  'session-cookie-path': { affinity: 'cookie' },
  'session-cookie-domain': { affinity: 'cookie' },
  'session-cookie-samesite': { affinity: 'cookie' },
  'permanent-redirect': {},
  'permanent-redirect-code': { 'permanent-redirect': 'https://a.test/' },
  'temporal-redirect': {},
  'configuration-snippet': {},
  'server-snippet': {},
  'auth-type': { 'auth-secret': 'users' },
  'auth-secret': { 'auth-type': 'basic' },
  'auth-realm': { 'auth-type': 'basic', 'auth-secret': 'users' },
  'no-such-annotation': {},
};

/** Every place of an Ingress that has to do with nginx.conf. */
export const PLACES: Readonly<Record<string, Place>> = {
  host: (attack) => ingress('one', [path('/')], { host: attack }),
  'wildcard host': (attack) => ingress('one', [path('/')], { host: `*.${attack}` }),
  'exact path': (attack) => ingress('one', [path(attack, 'svc', 'Exact')]),
  'prefix path': (attack) => ingress('one', [path(attack)]),
  'specific path': (attack) => ingress('one', [path(attack, 'svc', 'ImplementationSpecific')]),
  'path as expression': (attack) =>
    ingress('one', [path(attack, 'svc', 'ImplementationSpecific')], { annotations: { 'use-regex': 'true' } }),
  'path that is rewritten': (attack) =>
    ingress('one', [path(attack)], { annotations: { 'rewrite-target': '/$1' } }),
  'path type': (attack) => ingress('one', [path('/', 'svc', attack)]),
  'service name': (attack) => ingress('one', [path('/', attack)]),
  'port name': (attack) => ({
    ...ingress('one', [
      { path: '/', pathType: 'Prefix', backend: { service: { name: 'svc', port: { name: attack } } } },
    ]),
  }),
  'default backend': (attack) =>
    ingress('one', [], { spec: { defaultBackend: { service: { name: attack, port: { number: 80 } } } } }),
  'name of the object': (attack) =>
    ingress(attack, [path('/')], { annotations: { 'limit-rps': '1', affinity: 'cookie' } }),
  namespace: (attack) =>
    ingress('one', [path('/')], { namespace: attack, annotations: { 'limit-rps': '1' } }),
  'secret name': (attack) => ingress('one', [path('/')], { spec: { tls: [{ secretName: attack }] } }),
  'tls host': (attack) =>
    ingress('one', [path('/')], { spec: { tls: [{ hosts: [attack], secretName: 'x' }] } }),
  ...Object.fromEntries(
    Object.entries(ANNOTATED).map(([name, others]) => [`annotation ${name}`, annotation(name, others)]),
  ),
  'canary header value': (attack) =>
    ingress('one', [path('/')], {
      annotations: { canary: 'true', 'canary-by-header': 'X', 'canary-by-header-value': attack },
    }),
};

/** All attempts at one place, each as an object of its own, with a host of its own unless the host is the place. */
export function allAt(place: Place): Ingress[] {
  return ATTACKS.map((attack, index) => {
    const one = place(attack);
    const [rule] = one.spec?.rules ?? [];
    const isFixed = rule !== undefined && (rule.host === undefined || rule.host === 'x.test');
    const name = one.metadata.name === 'one' ? `one-${index}` : attack;
    return {
      ...one,
      metadata: { ...one.metadata, name, uid: `uid-${index}` },
      spec: { ...one.spec, ...(isFixed ? { rules: [{ ...rule, host: `h${index}.test` }] } : {}) },
    };
  });
}
