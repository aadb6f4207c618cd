import type { V1LifecycleHandler, V1Probe } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { forbidden, invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import { isPortName, isPortNumber } from '../meta/index.ts';

/** @param once liveness and startup probes succeed with the first success */
export function validateProbe(probe: V1Probe | undefined, field: string, once: boolean): FieldError[] {
  if (!probe) return [];
  const errors = validateHandler(probe, field);
  for (const name of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.push(...nonNegative(probe[name], `${field}.${name}`));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.push(invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  if (once && probe.successThreshold !== 1) {
    errors.push(invalid(`${field}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'));
  }
  return errors;
}

/** Of a probe or a life cycle hook: exactly one handler. */
export function validateHandler(handler: V1Probe | V1LifecycleHandler, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const type of ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const) {
    if (!(type in handler) || (handler as Record<string, unknown>)[type] === undefined) continue;
    count += 1;
    if (count > 1) errors.push(forbidden(`${field}.${type}`, 'may not specify more than 1 handler type'));
    else errors.push(...validateAction(handler, type, `${field}.${type}`));
  }
  if (count === 0) errors.push(required(field, 'must specify a handler type'));
  return errors;
}

export function nonNegative(value: number | undefined, field: string): FieldError[] {
  return value !== undefined && value < 0
    ? [invalid(field, value, 'must be greater than or equal to 0')]
    : [];
}

/** A port number or the name of one. */
export function validatePortOrName(port: number | string | undefined, field: string): FieldError[] {
  if (typeof port === 'string') return invalidAll(field, port, isPortName(port));
  return invalidAll(field, port ?? 0, isPortNumber(port ?? 0));
}

function validateAction(handler: V1Probe | V1LifecycleHandler, type: string, field: string): FieldError[] {
  if (type === 'exec') return handler.exec?.command?.length ? [] : [required(`${field}.command`)];
  if (type === 'tcpSocket') return validatePortOrName(handler.tcpSocket?.port, `${field}.port`);
  if (type === 'grpc' && 'grpc' in handler) {
    const port = handler.grpc?.port ?? 0;
    return invalidAll(`${field}.port`, port, isPortNumber(port));
  }
  if (type !== 'httpGet') return [];
  const action = handler.httpGet;
  const errors = action?.path ? [] : [required(`${field}.path`)];
  errors.push(...validatePortOrName(action?.port, `${field}.port`));
  const schemes = ['HTTP', 'HTTPS'];
  if (!schemes.includes(action?.scheme ?? '')) {
    errors.push(notSupported(`${field}.scheme`, action?.scheme ?? '', schemes));
  }
  for (const { name = '' } of action?.httpHeaders ?? []) {
    if (!/^[-A-Za-z0-9]+$/.test(name)) {
      errors.push(
        invalid(
          `${field}.httpHeaders`,
          name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ),
      );
    }
  }
  return errors;
}
