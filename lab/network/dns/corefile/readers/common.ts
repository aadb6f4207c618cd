import type { ServerConfig } from '../config.ts';
import type { Directive } from '../parse.ts';
import { type Context, problem, readZone } from '../values.ts';

/** Reads one directive of a server block into the block's configuration so far. */
export type PluginReader = (
  directive: Directive,
  context: Context,
  soFar: ServerConfig,
) => Partial<ServerConfig>;

/** A property in a plugin's block that the plugin does not have. */
export const unknown = (context: Context, directive: Directive) =>
  problem(context, directive, `unknown property '${directive.name}'`);

/** Zones named, else those of the server block. */
export const zonesOf = (
  names: readonly string[],
  directive: Directive,
  context: Context,
  { zones }: ServerConfig,
) => (names.length > 0 ? names.map((name) => readZone(context, directive, name)) : zones);

/** Zones whose unknown names are handed on; all where none is named. */
export const fallthroughZones = (property: Directive, context: Context) =>
  property.args.length === 0 ? ['.'] : property.args.map((zone) => readZone(context, property, zone));
