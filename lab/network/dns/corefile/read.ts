import type { ServerConfig } from './config.ts';
import { CorefileError } from './corefile-error.ts';
import { type Block, parseBlocks } from './parse.ts';
import { PLUGINS } from './plugins.ts';
import { readZone } from './values.ts';

/** A plugin may stand only once in a block, but for these. */
const REPEATABLE = new Set(['forward', 'rewrite']);

/**
 * Reads a Corefile. Pure.
 *
 * @param file its name, for errors
 * @param port where a block names none
 * @returns its server blocks, at least one
 * @throws CorefileError with the line of the first mistake
 */
export function readCorefile(
  text: string,
  file: string,
  { port = 53, env = {} }: { port?: number; env?: Readonly<Record<string, string | undefined>> } = {},
): ServerConfig[] {
  const servers = parseBlocks(text, file, env).flatMap((block) => readBlock(block, file, port));
  if (servers.length === 0) throw new CorefileError(file, 1, 'there is no server block');
  const seen = new Set<string>();
  for (const { zones, listen } of servers) {
    for (const key of zones.flatMap((zone) => listen.map((at) => `${zone}:${at.port} on ${at.host}`))) {
      if (seen.has(key)) throw new CorefileError(file, 1, `cannot serve ${key}: it is already defined`);
      seen.add(key);
    }
  }
  return servers;
}

/** One configuration per port that the block's keys name. */
function readBlock(block: Block, file: string, defaultPort: number): ServerConfig[] {
  const ports = new Map<number, string[]>();
  for (const key of block.keys) {
    const [, scheme, zone = '', port] = /^(?:([a-z]+):\/\/)?(.*?)(?::(\d+))?$/.exec(key) ?? [];
    if (scheme !== undefined && scheme !== 'dns') {
      throw new CorefileError(file, block.line, `only dns:// is served, not ${scheme}://`);
    }
    const number = port === undefined ? defaultPort : Number(port);
    if (number > 65_535) throw new CorefileError(file, block.line, `invalid port ${number}`);
    const directive = { name: key, args: [], line: block.line };
    const name = readZone({ file, plugin: 'server' }, directive, zone === '' ? '.' : zone);
    ports.set(number, [...(ports.get(number) ?? []), name]);
  }
  return [...ports].map(([port, zones]) => readDirectives(block, file, zones, port));
}

function readDirectives(block: Block, file: string, zones: readonly string[], port: number): ServerConfig {
  let config: ServerConfig = { zones, listen: [{ host: '0.0.0.0', port }] };
  const seen = new Set<string>();
  for (const directive of block.directives) {
    const { name, line } = directive;
    const reader = Object.hasOwn(PLUGINS, name) ? PLUGINS[name] : undefined;
    if (!reader) throw new CorefileError(file, line, `Unknown directive '${name}'`);
    if (seen.has(name) && !REPEATABLE.has(name)) {
      throw new CorefileError(file, line, 'this plugin can only be used once per Server Block', name);
    }
    seen.add(name);
    config = { ...config, ...reader(directive, { file, plugin: name }, config) };
  }
  return config;
}
