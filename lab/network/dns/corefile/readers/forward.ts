import { isIP } from 'node:net';
import type { ForwardOptions } from '../../plugins/index.ts';
import { upstreamOf } from '../../upstream/index.ts';
import type { ServerConfig } from '../config.ts';
import type { Directive } from '../parse.ts';
import { type Context, expectArgs, problem, readNumber, readZone } from '../values.ts';
import { unknown } from './common.ts';

/** Properties of CoreDNS's health checks, which are not made here: a server that is silent costs one time-out. */
const ACCEPTED = new Set(['max_fails', 'expire', 'health_check', 'tls_servername']);

export function forward(directive: Directive, context: Context, soFar: ServerConfig): Partial<ServerConfig> {
  const [from, ...to] = directive.args;
  if (from === undefined || to.length === 0) {
    throw problem(context, directive, 'Wrong argument count or unexpected line ending');
  }
  let options: ForwardOptions = {
    from: readZone(context, directive, from),
    to,
    except: [],
    maxConcurrent: 0,
    policy: 'random',
    forceTcp: false,
  };
  for (const property of directive.block ?? []) {
    if (property.name === 'except') {
      options = { ...options, except: property.args.map((zone) => readZone(context, property, zone)) };
    } else if (property.name === 'max_concurrent') {
      options = { ...options, maxConcurrent: readNumber(context, property, property.args[0], [0, 1e9]) };
    } else if (property.name === 'policy') {
      const [policy] = expectArgs(context, property, 1);
      if (policy !== 'random' && policy !== 'round_robin' && policy !== 'sequential') {
        throw problem(context, property, `unknown policy '${policy}'`);
      }
      options = { ...options, policy };
    } else if (property.name === 'force_tcp') {
      options = { ...options, forceTcp: true };
    } else if (property.name !== 'prefer_udp' && !ACCEPTED.has(property.name)) {
      throw unknown(context, property);
    }
  }
  for (const server of to) {
    // A path names a resolv.conf, as in `forward . /etc/resolv.conf`.
    if (!server.startsWith('/') && isIP(upstreamOf(server).address) === 0) {
      throw problem(context, directive, `not an IP address or file: ${JSON.stringify(server)}`);
    }
  }
  return { forward: [...(soFar.forward ?? []), options] };
}
