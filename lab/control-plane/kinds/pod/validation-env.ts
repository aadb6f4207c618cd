import type {
  V1EnvFromSource,
  V1EnvVar,
  V1EnvVarSource,
  V1ObjectFieldSelector,
} from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import { isConfigMapKey, isDNS1123Subdomain, isEnvironmentName } from '../meta/index.ts';

/** Fields of a pod that the downward API can speak of at all. */
const known = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.phase',
  'status.podIP',
  'status.podIPs',
  'status.hostIP',
  'status.hostIPs',
  'status.nominatedNodeName',
]);
/** … and those it can put into an environment variable. */
const inEnv = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** … and those it can put into a file. */
export const inFile = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

export function validateEnv(variables: readonly V1EnvVar[], field: string): FieldError[] {
  return variables.flatMap((variable, index) => {
    const path = `${field}[${index}]`;
    const name = variable.name ?? '';
    const errors =
      name === '' ? [required(`${path}.name`)] : invalidAll(`${path}.name`, name, isEnvironmentName(name));
    if (variable.valueFrom) errors.push(...validateSource(variable, variable.valueFrom, `${path}.valueFrom`));
    return errors;
  });
}

export function validateEnvFrom(sources: readonly V1EnvFromSource[], field: string): FieldError[] {
  return sources.flatMap((source, index) => {
    const path = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (source.prefix)
      errors.push(...invalidAll(`${path}.prefix`, source.prefix, isEnvironmentName(source.prefix)));
    if (source.configMapRef && source.secretRef) {
      errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
    } else if (!source.configMapRef && !source.secretRef) {
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    }
    for (const ref of ['configMapRef', 'secretRef'] as const) {
      if (!source[ref]) continue;
      const name = source[ref].name ?? '';
      if (name === '') errors.push(required(`${path}.${ref}.name`));
      else errors.push(...invalidAll(`${path}.${ref}.name`, name, isDNS1123Subdomain(name)));
    }
    return errors;
  });
}

/** A fieldRef; `allowed` are the paths that make sense where it stands. */
export function validateFieldRef(
  ref: V1ObjectFieldSelector,
  allowed: readonly string[],
  field: string,
): FieldError[] {
  const path = ref.fieldPath ?? '';
  if (!ref.apiVersion) return [required(`${field}.apiVersion`)];
  if (path === '') return [required(`${field}.fieldPath`)];
  const subscript = /^(metadata\.(?:labels|annotations))\['.+'\]$/.exec(path);
  if (subscript) return [];
  if (!known.has(path)) {
    return [
      invalid(`${field}.fieldPath`, path, `error converting fieldPath: field label not supported: ${path}`),
    ];
  }
  return allowed.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, allowed)];
}

function validateSource(variable: V1EnvVar, source: V1EnvVarSource, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  if (source.fieldRef) {
    count += 1;
    errors.push(...validateFieldRef(source.fieldRef, inEnv, `${path}.fieldRef`));
  }
  if (source.resourceFieldRef) {
    count += 1;
    const resource = source.resourceFieldRef.resource ?? '';
    if (resource === '') errors.push(required(`${path}.resourceFieldRef.resource`));
    else if (!resources.includes(resource) && !/^(?:limits|requests)\.hugepages-/.test(resource)) {
      errors.push(notSupported(`${path}.resourceFieldRef.resource`, resource, resources));
    }
  }
  for (const ref of ['configMapKeyRef', 'secretKeyRef'] as const) {
    if (!source[ref]) continue;
    count += 1;
    const { name = '', key = '' } = source[ref];
    if (name === '') errors.push(required(`${path}.${ref}.name`));
    else errors.push(...invalidAll(`${path}.${ref}.name`, name, isDNS1123Subdomain(name)));
    if (key === '') errors.push(required(`${path}.${ref}.key`));
    else errors.push(...invalidAll(`${path}.${ref}.key`, key, isConfigMapKey(key)));
  }
  if (count === 0) {
    errors.push(
      invalid(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    );
  }
  if (variable.value) {
    if (count > 0) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (count > 1) {
    errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}
