import type { V1Container, V1Pod, V1PodSpec, V1PodStatus, V1Toleration } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { forbidden, GoText, goQuote, internalError, invalid, invalidAll } from '../fields/index.ts';
import { isValidIP, parseIP, semanticallyEqual } from '../values/index.ts';

const mayChange = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** ValidatePodUpdate without the parts that a create has too: what of a running pod may change. */
export function validatePodChange(pod: V1Pod, old: V1Pod): FieldError[] {
  const spec = pod.spec as V1PodSpec;
  const before = old.spec as V1PodSpec;
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (before[list]?.length ?? 0)) {
      return [forbidden(`spec.${list}`, 'pod updates may not add or remove containers')];
    }
  }
  const errors: FieldError[] = [];
  const deadline = spec.activeDeadlineSeconds;
  const deadlineBefore = before.activeDeadlineSeconds;
  if (deadlineBefore !== undefined && (deadline === undefined || deadline > deadlineBefore)) {
    errors.push(
      deadline === undefined
        ? invalid(
            'spec.activeDeadlineSeconds',
            new GoText('(*int64)(nil)'),
            'must not update from a positive integer to nil value',
          )
        : invalid('spec.activeDeadlineSeconds', deadline, 'must be less than or equal to previous value'),
    );
  }
  if (!keepsTolerations(spec.tolerations ?? [], before.tolerations ?? [])) {
    errors.push(
      forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'),
    );
  }
  const differences = specDifferences(withFixedParts(spec, before), before);
  if (differences.length > 0) {
    // The real server appends Go's cmp.Diff of its internal types; ours names the fields in the same place.
    const text = differences.map((line) => `  ${line}\n`).join('');
    errors.push(forbidden('spec', `pod updates may not change fields other than ${mayChange}\n${text}`));
  }
  return errors;
}

/** ValidatePodStatusUpdate as far as clients can get it wrong. */
export function validatePodStatus(status: V1PodStatus | undefined): FieldError[] {
  const field = 'status.podIPs';
  const ips = (status?.podIPs ?? []).map(({ ip }) => ip ?? '');
  const errors = ips.flatMap((ip, index) => invalidAll(`${field}[${index}]`, ip, isValidIP(ip)));
  if (ips.length < 2) return errors;
  const bad = ips.findIndex((ip) => !parseIP(ip));
  if (bad >= 0) {
    errors.push(
      internalError(field, `failed to check for dual stack with error:invalid IP[${bad}]: ${ips[bad]}`),
    );
  }
  const families = ips.map((ip) => parseIP(ip)?.family);
  if (bad >= 0 || ips.length > 2 || families[0] === families[1]) {
    const list = ips.map((ip) => `core.PodIP{IP:${goQuote(ip)}}`).join(', ');
    errors.push(
      invalid(
        field,
        new GoText(`[]core.PodIP{${list}}`),
        'may specify no more than one IP for each IP family',
      ),
    );
  }
  return errors;
}

/** The new spec with everything that may change put back, so that what still differs may not. */
function withFixedParts(spec: V1PodSpec, before: V1PodSpec): V1PodSpec {
  const fixed = structuredClone(spec);
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (fixed[list] ?? []).entries()) {
      const image = (before[list]?.[index] as V1Container | undefined)?.image;
      if (image !== undefined) container.image = image;
    }
  }
  if (before.activeDeadlineSeconds === undefined) delete fixed.activeDeadlineSeconds;
  else fixed.activeDeadlineSeconds = before.activeDeadlineSeconds;
  if (before.tolerations) fixed.tolerations = before.tolerations;
  else delete fixed.tolerations;
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    fixed.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds ?? 0;
  }
  return fixed;
}

function keepsTolerations(now: readonly V1Toleration[], before: readonly V1Toleration[]): boolean {
  const bare = ({ tolerationSeconds: _, ...rest }: V1Toleration): object => rest;
  return before.every((old) => now.some((toleration) => semanticallyEqual(bare(toleration), bare(old))));
}

function specDifferences(spec: V1PodSpec, before: V1PodSpec): string[] {
  const now = spec as unknown as Record<string, unknown>;
  const then = before as unknown as Record<string, unknown>;
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((key) => !semanticallyEqual(now[key], then[key]))
    .flatMap((key) => [
      `- ${key}: ${JSON.stringify(then[key] ?? null)}`,
      `+ ${key}: ${JSON.stringify(now[key] ?? null)}`,
    ]);
}
