import { isIP } from 'node:net';
import type { LogClass, ServerConfig } from '../config.ts';
import type { Directive } from '../parse.ts';
import { type Context, expectArgs, problem, readDuration, readEndpoint } from '../values.ts';
import { type PluginReader, unknown, zonesOf } from './common.ts';

/** A plugin whose only argument is where its page is served. */
export const address =
  (key: 'ready' | 'prometheus', fallback: string): PluginReader =>
  (directive, context) => {
    const [text = fallback] = expectArgs(context, directive, 0, 1);
    return { [key]: readEndpoint(context, directive, text) };
  };

export function health(directive: Directive, context: Context): Partial<ServerConfig> {
  const [text = ':8080'] = expectArgs(context, directive, 0, 1);
  let lameduckMs = 0;
  for (const property of directive.block ?? []) {
    if (property.name !== 'lameduck') throw unknown(context, property);
    lameduckMs = readDuration(context, property, expectArgs(context, property, 1)[0] ?? '');
  }
  return { health: { ...readEndpoint(context, directive, text), lameduckMs } };
}

export function log(directive: Directive, context: Context, soFar: ServerConfig): Partial<ServerConfig> {
  const names = directive.args.filter((word) => !word.startsWith('{'));
  let classes: LogClass[] = ['all'];
  for (const property of directive.block ?? []) {
    if (property.name !== 'class') throw unknown(context, property);
    classes = property.args.map((name) => {
      if (name === 'all' || name === 'success' || name === 'denial' || name === 'error') return name;
      throw problem(context, property, `failed to parse class ${JSON.stringify(name)}`);
    });
  }
  return { log: { zones: zonesOf(names, directive, context, soFar), classes } };
}

const RELOAD_MS = 30_000;

export function reload(directive: Directive, context: Context): Partial<ServerConfig> {
  const [interval] = expectArgs(context, directive, 0, 2);
  const intervalMs = interval === undefined ? RELOAD_MS : readDuration(context, directive, interval);
  if (intervalMs < 2000) throw problem(context, directive, 'interval value must be greater or equal to 2s');
  return { reload: { intervalMs } };
}

export function bind(directive: Directive, context: Context, soFar: ServerConfig): Partial<ServerConfig> {
  const hosts = expectArgs(context, directive, 1, 100);
  const wrong = hosts.find((host) => isIP(host) === 0);
  if (wrong !== undefined) throw problem(context, directive, `not a valid IP address: ${wrong}`);
  const port = soFar.listen[0]?.port ?? 53;
  return { listen: hosts.map((host) => ({ host, port })) };
}
