import type { V1ResourceRequirements } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { GoText, invalid, invalidAll } from '../fields/index.ts';
import { isQualifiedName } from '../meta/index.ts';
import { canonicalQuantity, compareQuantities, parseQuantity } from '../values/index.ts';

const standard = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]);
const ofContainers = new Set(['cpu', 'memory', 'ephemeral-storage']);

export function validateResources(
  resources: V1ResourceRequirements | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const limits = resources?.limits ?? {};
  for (const [name, quantity] of Object.entries(limits)) {
    errors.push(...validateResource(name, quantity, `${field}.limits[${name}]`));
  }
  for (const [name, quantity] of Object.entries(resources?.requests ?? {})) {
    errors.push(...validateResource(name, quantity, `${field}.requests[${name}]`));
    const limit = limits[name];
    if (limit !== undefined && compareQuantities(quantity, limit) > 0) {
      errors.push(
        invalid(
          `${field}.requests`,
          canonicalQuantity(quantity),
          `must be less than or equal to ${name} limit of ${canonicalQuantity(limit)}`,
        ),
      );
    }
  }
  return errors;
}

function validateResource(name: string, quantity: string, path: string): FieldError[] {
  const value = new GoText(name);
  const errors = invalidAll(path, value, isQualifiedName(name));
  if (errors.length === 0) {
    if (!name.includes('/')) {
      if (!standard.has(name) && !name.startsWith('hugepages-')) {
        errors.push(invalid(path, value, 'must be a standard resource type or fully qualified'));
      }
      if (!ofContainers.has(name) && !name.startsWith('hugepages-')) {
        errors.push(invalid(path, value, 'must be a standard resource for containers'));
      }
    }
  }
  if ((parseQuantity(quantity) ?? 0n) < 0n) {
    errors.push(invalid(path, canonicalQuantity(quantity), 'must be greater than or equal to 0'));
  }
  return errors;
}
