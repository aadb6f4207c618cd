import { REVERSE_ZONES, type ZoneOptions } from '../../zone/index.ts';
import type { ServerConfig } from '../config.ts';
import type { Directive } from '../parse.ts';
import { type Context, expectArgs, problem, readNumber } from '../values.ts';
import { fallthroughZones, unknown, zonesOf } from './common.ts';

export function kubernetes(
  directive: Directive,
  context: Context,
  soFar: ServerConfig,
): Partial<ServerConfig> {
  const zones = zonesOf(directive.args, directive, context, soFar);
  const options: { -readonly [Key in keyof ZoneOptions]: ZoneOptions[Key] } = {
    zones,
    pods: 'disabled',
    fallthrough: [],
    ttl: 5,
    endpointPodNames: false,
    namespaces: [],
  };
  if (zones.every((zone) => REVERSE_ZONES.some((reverse) => zone.endsWith(reverse)))) {
    throw problem(context, directive, 'non-reverse zone name must be used');
  }
  for (const property of directive.block ?? []) {
    switch (property.name) {
      case 'pods': {
        const [mode = ''] = expectArgs(context, property, 1);
        if (mode !== 'disabled' && mode !== 'insecure' && mode !== 'verified') {
          throw problem(
            context,
            property,
            `wrong value for pods: ${mode},  must be one of: disabled, verified, insecure`,
          );
        }
        options.pods = mode;
        break;
      }
      case 'fallthrough':
        options.fallthrough = fallthroughZones(property, context);
        break;
      case 'ttl':
        options.ttl = readNumber(context, property, expectArgs(context, property, 1)[0], [0, 3600]);
        break;
      case 'endpoint_pod_names':
        expectArgs(context, property, 0);
        options.endpointPodNames = true;
        break;
      case 'namespaces':
        options.namespaces = expectArgs(context, property, 1, 1000);
        break;
      default:
        throw unknown(context, property);
    }
  }
  return { kubernetes: options };
}
