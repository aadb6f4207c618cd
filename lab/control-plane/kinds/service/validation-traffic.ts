import type { V1ServiceSpec } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { invalid, notSupported, required } from '../fields/index.ts';
import { hasClusterTraffic, hasExternalTraffic } from './defaults.ts';

const policies = ['Cluster', 'Local'];

/** externalTrafficPolicy, healthCheckNodePort and internalTrafficPolicy. */
export function validateTrafficPolicies(spec: V1ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const external = spec.externalTrafficPolicy ?? '';
  const field = 'spec.externalTrafficPolicy';
  if (external !== '' && !hasExternalTraffic(spec)) {
    errors.push(invalid(field, external, 'may only be set for externally-accessible services'));
  } else if (hasExternalTraffic(spec) && external === '') {
    errors.push(required(field));
  } else if (external !== '' && !policies.includes(external)) {
    errors.push(notSupported(field, external, policies));
  }
  const port = spec.healthCheckNodePort ?? 0;
  if (port < 0) {
    errors.push(invalid('spec.healthCheckNodePort', port, 'must be greater than or equal to 0'));
  } else if (port > 0 && !(spec.type === 'LoadBalancer' && external === 'Local')) {
    errors.push(
      invalid(
        'spec.healthCheckNodePort',
        port,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  }
  const internal = spec.internalTrafficPolicy ?? '';
  if (hasClusterTraffic(spec) && internal === '') errors.push(required('spec.internalTrafficPolicy'));
  else if (internal !== '' && !policies.includes(internal)) {
    errors.push(notSupported('spec.internalTrafficPolicy', internal, policies));
  }
  return errors;
}
