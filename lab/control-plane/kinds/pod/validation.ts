import type { V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { forbidden, invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import {
  inRange,
  isDNS1123Label,
  isDNS1123Subdomain,
  validateAnnotations,
  validateLabels,
} from '../meta/index.ts';
import { isValidIP } from '../values/index.ts';
import { validateContainers, validateInitContainers } from './validation-container.ts';
import { nonNegative } from './validation-probe.ts';
import { validateAffinity, validateSpreading, validateTolerations } from './validation-scheduling.ts';
import { validateVolumes } from './validation-volumes.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

/** pkg/apis/core/validation ValidatePodSpec; the order of the checks is the order of the causes in the answer. */
export function validatePodSpec(spec: V1PodSpec | undefined, field: string): FieldError[] {
  if (!spec) return [required(`${field}.containers`)];
  const { errors, names } = validateVolumes(spec.volumes, `${field}.volumes`);
  errors.push(...validateContainers(spec.containers, names, `${field}.containers`));
  errors.push(
    ...validateInitContainers(spec.initContainers, spec.containers, names, `${field}.initContainers`),
  );
  if (!restartPolicies.includes(spec.restartPolicy ?? '')) {
    errors.push(notSupported(`${field}.restartPolicy`, spec.restartPolicy ?? '', restartPolicies));
  }
  if (!dnsPolicies.includes(spec.dnsPolicy ?? '')) {
    errors.push(notSupported(`${field}.dnsPolicy`, spec.dnsPolicy ?? '', dnsPolicies));
  }
  errors.push(...validateLabels(spec.nodeSelector, `${field}.nodeSelector`));
  errors.push(...validateHostNetwork(spec, field));
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries()) {
    if (!name) errors.push(required(`${field}.imagePullSecrets[${index}].name`));
  }
  errors.push(...validateAffinity(spec.affinity, `${field}.affinity`));
  errors.push(...validateDNSConfig(spec, `${field}.dnsConfig`));
  errors.push(
    ...validateSpreading(spec.topologySpreadConstraints ?? [], `${field}.topologySpreadConstraints`),
  );
  if (spec.serviceAccountName) {
    const messages = isDNS1123Subdomain(spec.serviceAccountName);
    errors.push(...invalidAll(`${field}.serviceAccountName`, spec.serviceAccountName, messages));
  }
  if (spec.nodeName) {
    errors.push(...invalidAll(`${field}.nodeName`, spec.nodeName, isDNS1123Subdomain(spec.nodeName)));
  }
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined) {
    errors.push(...invalidAll(`${field}.activeDeadlineSeconds`, deadline, inRange(deadline, 1, 2147483647)));
  }
  if (spec.hostname)
    errors.push(...invalidAll(`${field}.hostname`, spec.hostname, isDNS1123Label(spec.hostname)));
  if (spec.subdomain) {
    errors.push(...invalidAll(`${field}.subdomain`, spec.subdomain, isDNS1123Label(spec.subdomain)));
  }
  errors.push(...validateTolerations(spec.tolerations ?? [], `${field}.tolerations`));
  for (const [index, alias] of (spec.hostAliases ?? []).entries()) {
    const path = `${field}.hostAliases[${index}]`;
    errors.push(...invalidAll(`${path}.ip`, alias.ip ?? '', isValidIP(alias.ip ?? '')));
    for (const [at, host] of (alias.hostnames ?? []).entries()) {
      errors.push(...invalidAll(`${path}.hostnames[${at}]`, host, isDNS1123Subdomain(host)));
    }
  }
  if (spec.priorityClassName) {
    const messages = isDNS1123Subdomain(spec.priorityClassName);
    errors.push(...invalidAll(`${field}.priorityClassName`, spec.priorityClassName, messages));
  }
  errors.push(...nonNegative(spec.terminationGracePeriodSeconds, `${field}.terminationGracePeriodSeconds`));
  return errors;
}

/** Metadata and spec of a workload's template. */
export function validateTemplate(template: V1PodTemplateSpec | undefined, field: string): FieldError[] {
  return [
    ...validateLabels(template?.metadata?.labels, `${field}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${field}.annotations`),
    ...validatePodSpec(template?.spec, `${field}.spec`),
  ];
}

/** With the node's network a container has the node's ports. */
function validateHostNetwork(spec: V1PodSpec, field: string): FieldError[] {
  if (!spec.hostNetwork) return [];
  return (spec.containers ?? []).flatMap(({ ports }, index) =>
    (ports ?? []).flatMap(({ hostPort, containerPort }, at) =>
      hostPort === containerPort
        ? []
        : [
            invalid(
              `${field}.containers[${index}].ports[${at}].hostPort`,
              hostPort ?? 0,
              'must match `containerPort` when `hostNetwork` is true',
            ),
          ],
    ),
  );
}

function validateDNSConfig({ dnsConfig, dnsPolicy }: V1PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const servers = dnsConfig?.nameservers ?? [];
  if (dnsPolicy === 'None') {
    if (!dnsConfig) {
      return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    }
    if (servers.length === 0) {
      errors.push(
        required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'),
      );
    }
  }
  if (servers.length > 3) {
    errors.push(invalid(`${field}.nameservers`, servers.join(','), 'must not have more than 3 nameservers'));
  }
  for (const [index, server] of servers.entries()) {
    errors.push(...invalidAll(`${field}.nameservers[${index}]`, server, isValidIP(server)));
  }
  for (const [index, search] of (dnsConfig?.searches ?? []).entries()) {
    const name = search === '.' ? 'a' : search.replace(/\.$/, '');
    errors.push(...invalidAll(`${field}.searches[${index}]`, search, isDNS1123Subdomain(name)));
  }
  for (const [index, { name }] of (dnsConfig?.options ?? []).entries()) {
    if (!name) errors.push(required(`${field}.options[${index}]`, 'must not be empty'));
  }
  return errors;
}

/** What templates of Deployments, ReplicaSets and DaemonSets may not have. */
export function validateAlwaysRunning(
  spec: V1PodSpec | undefined,
  field: string,
  owner: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (spec?.restartPolicy !== 'Always' && restartPolicies.includes(spec?.restartPolicy ?? '')) {
    errors.push(notSupported(`${field}.restartPolicy`, spec?.restartPolicy ?? '', ['Always']));
  }
  if (spec?.activeDeadlineSeconds !== undefined) {
    errors.push(
      forbidden(`${field}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`),
    );
  }
  return errors;
}
