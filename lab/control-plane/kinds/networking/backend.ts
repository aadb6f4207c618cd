import type { V1IngressBackend } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { invalid, invalidAll, required } from '../fields/index.ts';
import { isDNS1035Label, isPortName, isPortNumber } from '../meta/index.ts';

/** pkg/apis/networking/validation validateIngressBackend; what is refused prints as "", the original passes a nil pointer. */
export function validateBackend(backend: V1IngressBackend | undefined, field: string): FieldError[] {
  const { service, resource } = backend ?? {};
  if (service && resource) return [invalid(field, '', 'cannot set both resource and service backends')];
  if (resource) {
    const errors: FieldError[] = [];
    if (!resource.kind) errors.push(required(`${field}.resource.kind`));
    if (!resource.name) errors.push(required(`${field}.resource.name`));
    return errors;
  }
  if (!service) return [invalid(field, '', 'resource or service backend is required')];
  const errors: FieldError[] = [];
  if (!service.name) errors.push(required(`${field}.service.name`));
  else errors.push(...invalidAll(`${field}.service.name`, service.name, isDNS1035Label(service.name)));
  const { name = '', number = 0 } = service.port ?? {};
  if (name !== '' && number !== 0) errors.push(invalid(field, '', 'cannot set both port name & port number'));
  else if (name !== '') errors.push(...invalidAll(`${field}.service.port.name`, name, isPortName(name)));
  else if (number !== 0)
    errors.push(...invalidAll(`${field}.service.port.number`, number, isPortNumber(number)));
  else errors.push(required(field, 'port name or number is required'));
  return errors;
}
