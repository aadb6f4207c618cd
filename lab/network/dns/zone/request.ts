import { canonical, labelsOf } from '../wire/index.ts';

/**
 * What a name below the cluster's zone asks for:
 * - `service.namespace.svc`, `pod-address.namespace.pod`
 * - `endpoint.service.namespace.svc`
 * - `_port._protocol.service.namespace.svc`
 *
 * All in lower case; empty where the name says nothing.
 */
export interface RecordRequest {
  readonly kind: 'svc' | 'pod';
  readonly namespace: string;
  /** For `pod`: the dashed address. */
  readonly service: string;
  readonly endpoint: string;
  readonly port: string;
  readonly protocol: string;
}

/** Names that exist only because others lie below them (`svc.cluster.local`, the zone itself), and those that cannot exist. */
export type ParsedName = RecordRequest | 'empty' | 'invalid';

/**
 * Takes a name apart as CoreDNS's kubernetes plugin does (plugin/kubernetes/parse.go). Underscores of port and protocol
 * may be left out, as in `http.tcp.frontend.default.svc.cluster.local`.
 *
 * @param name absolute, within the zone
 */
export function parseRequest(name: string, zone: string): ParsedName {
  const labels = labelsOf(canonical(name));
  const rest = labels.slice(0, labels.length - labelsOf(zone).length);
  const kind = rest.pop();
  if (kind === undefined) return 'empty';
  if (kind !== 'svc' && kind !== 'pod') return 'invalid';
  const namespace = rest.pop();
  if (namespace === undefined) return 'empty';
  const service = rest.pop() ?? '';
  const request = { kind, namespace, service, endpoint: '', port: '', protocol: '' } as const;
  const [first, second, ...more] = rest;
  if (first === undefined) return request;
  if (more.length > 0) return 'invalid';
  if (second === undefined) return { ...request, endpoint: first };
  return { ...request, port: withoutUnderscore(first), protocol: withoutUnderscore(second) };
}

const withoutUnderscore = (label: string) => (label.startsWith('_') ? label.slice(1) : label);
