import type { CacheOptions } from '../../plugins/index.ts';
import type { ServerConfig } from '../config.ts';
import type { Directive } from '../parse.ts';
import { type Context, problem, readNumber } from '../values.ts';
import { unknown, zonesOf } from './common.ts';

export function cache(directive: Directive, context: Context, soFar: ServerConfig): Partial<ServerConfig> {
  const [first, ...others] = directive.args;
  const ttl = first !== undefined && /^\d+$/.test(first) ? Number(first) : undefined;
  const names = ttl === undefined ? directive.args : others;
  let options: CacheOptions = {
    zones: zonesOf(names, directive, context, soFar),
    success: { capacity: 9984, ttl: ttl ?? 3600 },
    denial: { capacity: 9984, ttl: ttl ?? 1800 },
    disabled: { success: [], denial: [] },
  };
  for (const property of directive.block ?? []) {
    const { name, args } = property;
    if (name === 'success' || name === 'denial') {
      const capacity = readNumber(context, property, args[0], [1, 1e6]);
      const most =
        args[1] === undefined ? options[name].ttl : readNumber(context, property, args[1], [0, 86_400]);
      options = { ...options, [name]: { capacity, ttl: most } };
    } else if (name === 'disable') {
      const [what, ...zones] = args;
      if (what !== 'success' && what !== 'denial') {
        throw problem(context, property, `cache type for disable must be "success" or "denial"`);
      }
      const off = zonesOf(zones, property, context, soFar);
      options = { ...options, disabled: { ...options.disabled, [what]: off } };
    } else if (!['prefetch', 'serve_stale', 'servfail', 'keepttl'].includes(name)) {
      throw unknown(context, property);
    }
  }
  return { cache: options };
}
