import { isIP } from 'node:net';
import { parseHosts, type RewriteRule } from '../../plugins/index.ts';
import type { ServerConfig } from '../config.ts';
import type { Directive } from '../parse.ts';
import { type Context, problem, readNumber, readZone } from '../values.ts';
import { fallthroughZones, unknown, zonesOf } from './common.ts';

export function hosts(directive: Directive, context: Context, soFar: ServerConfig): Partial<ServerConfig> {
  const [file, ...zones] = directive.args;
  const lines: string[] = [];
  let ttl = 3600;
  let fallthrough: readonly string[] = [];
  for (const property of directive.block ?? []) {
    if (isIP(property.name) !== 0) lines.push([property.name, ...property.args].join(' '));
    else if (property.name === 'fallthrough') fallthrough = fallthroughZones(property, context);
    else if (property.name === 'ttl') ttl = readNumber(context, property, property.args[0], [1, 65_535]);
    else if (!['no_reverse', 'reload'].includes(property.name)) throw unknown(context, property);
  }
  return {
    hosts: {
      ...(file === undefined ? {} : { file }),
      entries: parseHosts(lines.join('\n')),
      zones: zonesOf(zones, directive, context, soFar),
      ttl,
      fallthrough,
    },
  };
}

export function rewrite(directive: Directive, context: Context, soFar: ServerConfig): Partial<ServerConfig> {
  const args = [...directive.args];
  if (args[0] === 'stop' || args[0] === 'continue') args.shift();
  const field = args.shift();
  if (field !== 'name')
    throw problem(context, directive, `rewriting ${field} is not supported, only name is`);
  const kind = args.length === 2 ? 'exact' : args.shift();
  const [from, to, ...rest] = args;
  if ((kind !== 'exact' && kind !== 'suffix') || from === undefined || to === undefined || rest.length > 0) {
    throw problem(context, directive, 'only "rewrite name [exact|suffix] FROM TO" is supported');
  }
  const rule: RewriteRule = {
    kind,
    from: readZone(context, directive, from.replace(/^\./, '')),
    to: readZone(context, directive, to.replace(/^\./, '')),
  };
  return { rewrite: [...(soFar.rewrite ?? []), rule] };
}
