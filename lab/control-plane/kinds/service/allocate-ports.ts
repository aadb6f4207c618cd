import type { V1Service, V1ServiceSpec } from '@kubernetes/client-node';
import type { FieldError, KindContext } from '../../registry/kind.ts';
import { invalid } from '../fields/index.ts';
import { needsHealthCheckNodePort, needsNodePorts } from './needs.ts';

/** Ports in use, by number: a port may be shared by services of one kind only as far as their protocols differ. */
type Taken = Set<number>;

/**
 * Gives every port its node port, or checks the one it asks for. Like the real server's allocator it knows numbers, not protocols:
 * only within one service may TCP and UDP have the same one.
 * @param own the service itself, whose present node ports are free for it
 */
export function allocateNodePorts(service: V1Service, context: KindContext, own?: V1Service): FieldError[] {
  const spec = service.spec as V1ServiceSpec;
  const taken = takenPorts(context, own);
  const errors: FieldError[] = [];
  if (needsNodePorts(spec)) {
    const mine = new Map<number, Set<string>>();
    for (const [index, port] of (spec.ports ?? []).entries()) {
      if (!port.nodePort) continue;
      const protocols = mine.get(port.nodePort) ?? new Set();
      const shared = mine.has(port.nodePort) && !protocols.has(port.protocol ?? 'TCP');
      mine.set(port.nodePort, protocols.add(port.protocol ?? 'TCP'));
      if (shared) continue;
      const why = refusal(port.nodePort, taken, context);
      if (why !== undefined) errors.push(invalid(`spec.ports[${index}].nodePort`, port.nodePort, why));
      else taken.add(port.nodePort);
    }
    if (errors.length > 0) return errors;
    for (const [index, port] of (spec.ports ?? []).entries()) {
      if (port.nodePort) continue;
      // The same port number with another protocol gets the same node port, as DNS wants it.
      const twin = (spec.ports ?? []).find(
        (other) => other.port === port.port && other.protocol !== port.protocol && other.nodePort,
      );
      const number = twin?.nodePort ?? freePort(taken, context);
      if (number === undefined) {
        return [invalid(`spec.ports[${index}].nodePort`, 0, 'failed to allocate a nodePort: range is full')];
      }
      port.nodePort = number;
      taken.add(number);
    }
  }
  if (needsHealthCheckNodePort(spec)) errors.push(...allocateHealthCheck(spec, taken, context));
  return errors;
}

function allocateHealthCheck(spec: V1ServiceSpec, taken: Taken, context: KindContext): FieldError[] {
  const wanted = spec.healthCheckNodePort;
  if (wanted) {
    const why = refusal(wanted, taken, context);
    return why === undefined
      ? []
      : [
          invalid(
            'spec.healthCheckNodePort',
            wanted,
            `failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`,
          ),
        ];
  }
  const number = freePort(taken, context);
  if (number === undefined) {
    return [
      invalid('spec.healthCheckNodePort', 0, 'failed to allocate a HealthCheck NodePort: range is full'),
    ];
  }
  spec.healthCheckNodePort = number;
  return [];
}

function refusal(
  port: number,
  taken: Taken,
  { nodePortRange: [low, high] }: KindContext,
): string | undefined {
  if (port < low || port > high) {
    return `provided port is not in the valid range. The range of valid ports is ${low}-${high}`;
  }
  return taken.has(port) ? 'provided port is already allocated' : undefined;
}

function freePort(taken: Taken, context: KindContext): number | undefined {
  const [low, high] = context.nodePortRange;
  const count = high - low + 1;
  const start = Math.floor(context.random() * count);
  for (let step = 0; step < count; step++) {
    const port = low + ((start + step) % count);
    if (!taken.has(port)) return port;
  }
  return undefined;
}

function takenPorts(context: KindContext, own: V1Service | undefined): Taken {
  const taken: Taken = new Set();
  for (const object of context.list('services')) {
    if (object.metadata.uid !== undefined && object.metadata.uid === own?.metadata?.uid) continue;
    const spec = object.spec as V1ServiceSpec | undefined;
    for (const { nodePort } of spec?.ports ?? []) if (nodePort) taken.add(nodePort);
    if (spec?.healthCheckNodePort) taken.add(spec.healthCheckNodePort);
  }
  return taken;
}
