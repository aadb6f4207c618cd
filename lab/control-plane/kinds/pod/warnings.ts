import type { V1PodSpec } from '@kubernetes/client-node';

/** Node labels that have another name now (pkg/api/node GetNodeLabelDeprecatedMessage). */
const oldNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** pkg/api/pod GetWarningsForPodTemplate: what is accepted and does nothing, or soon will not be. */
export function podWarnings(
  annotations: Readonly<Record<string, string>> | undefined,
  spec: V1PodSpec | undefined,
  metadataField: string,
  specField: string,
): string[] {
  const warnings: string[] = [];
  for (const key of Object.keys(spec?.nodeSelector ?? {})) {
    if (key in oldNodeLabels) warnings.push(`${specField}.nodeSelector[${key}]: ${oldNodeLabels[key]}`);
  }
  if (annotations?.['scheduler.alpha.kubernetes.io/critical-pod'] !== undefined) {
    warnings.push(
      `${metadataField}.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead`,
    );
  }
  for (const [index, container] of (spec?.containers ?? []).entries()) {
    const seen = new Set<string>();
    for (const [at, { name }] of (container.env ?? []).entries()) {
      if (seen.has(name)) {
        warnings.push(
          `${specField}.containers[${index}].env[${at}]: hides previous definition of "${name}", which may be dropped when using apply`,
        );
      }
      seen.add(name);
    }
  }
  if ((spec?.terminationGracePeriodSeconds ?? 0) < 0) {
    warnings.push(
      `${specField}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  }
  return warnings;
}
