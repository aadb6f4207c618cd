import type { Settings } from '../annotations/index.ts';
import type { Model } from '../model/index.ts';
import type { Ingress } from '../objects.ts';
import { type ConfNode, conf, word } from './syntax.ts';

/** Names of objects have no underscore: the joined name is of one object only. */
const zoneName = ({ metadata }: Ingress, kind: string) =>
  word(`${metadata.namespace}_${metadata.name}_${kind}`);

/** The counters of limited Ingresses; one for all locations of an object. */
export function limitZones({ servers }: Model): ConfNode[] {
  const found = new Map<string, ConfNode>();
  for (const { locations } of servers) {
    for (const { ingress, settings } of locations) {
      if (!ingress) continue;
      const add = (node: ConfNode) => found.set(node.text, node);
      const { limitRps, limitRpm, limitConnections } = settings;
      const request = (kind: string, rate: string) =>
        add(conf`limit_req_zone $binary_remote_addr zone=${zoneName(ingress, kind)}:1m rate=${word(rate)}`);
      if (limitRps > 0) request('rps', `${limitRps}r/s`);
      if (limitRpm > 0) request('rpm', `${limitRpm}r/m`);
      if (limitConnections > 0)
        add(conf`limit_conn_zone $binary_remote_addr zone=${zoneName(ingress, 'conn')}:1m`);
    }
  }
  return [...found.values()];
}

/** The limits of a location: so many at once above the rate as the multiplier says, then 503. */
export function limitNodes(ingress: Ingress, settings: Settings): ConfNode[] {
  const { limitRps, limitRpm, limitConnections, limitBurstMultiplier } = settings;
  const request = (kind: string, rate: number) =>
    conf`limit_req zone=${zoneName(ingress, kind)} burst=${rate * limitBurstMultiplier} nodelay`;
  return [
    ...(limitRps > 0 ? [request('rps', limitRps)] : []),
    ...(limitRpm > 0 ? [request('rpm', limitRpm)] : []),
    ...(limitConnections > 0 ? [conf`limit_conn ${zoneName(ingress, 'conn')} ${limitConnections}`] : []),
  ];
}
