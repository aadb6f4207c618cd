import type { Settings } from '../annotations/index.ts';
import { block, type ConfNode, conf, literal, word } from './syntax.ts';

/** `https://*.example.com` as an expression; the star is one label. */
function originPattern(origin: string): string {
  return origin.replaceAll(/[.+]/g, '\\$&').replace('*', '[A-Za-z0-9-]+');
}

/** CORS headers for allowed origins, and the answer to a preflight (Fetch standard; docs: Enable CORS). */
export function corsNodes({ cors }: Settings): ConfNode[] {
  if (!cors.enabled) return [];
  const isOpen = cors.origins.includes('*');
  const pattern = `^(${cors.origins.map(originPattern).join('|')})$`;
  const allowed = isOpen
    ? [conf`set $cors_origin "*"`, conf`set $cors_allowed "true"`]
    : [
        conf`set $cors_origin ""`,
        conf`set $cors_allowed ""`,
        block(conf`if ($http_origin ~* ${literal(pattern)})`, [
          conf`set $cors_origin $http_origin`,
          conf`set $cors_allowed "true"`,
        ]),
      ];
  return [
    ...allowed,
    conf`set $cors_preflight "$cors_allowed$request_method"`,
    // nginx sends no header whose value is empty: other origins get none of these.
    conf`add_header Access-Control-Allow-Origin $cors_origin always`,
    ...(cors.credentials ? [when('Access-Control-Allow-Credentials', 'true')] : []),
    when('Access-Control-Allow-Methods', cors.methods),
    when('Access-Control-Allow-Headers', cors.headers),
    ...(cors.exposeHeaders ? [when('Access-Control-Expose-Headers', cors.exposeHeaders)] : []),
    conf`add_header Access-Control-Max-Age ${cors.maxAge} always`,
    ...(isOpen ? [] : [conf`add_header Vary Origin always`]),
    block(conf`if ($cors_preflight = "trueOPTIONS")`, [conf`return 204`]),
  ];
}

const when = (header: string, value: string): ConfNode => conf`add_header ${word(header)} ${value} always`;
