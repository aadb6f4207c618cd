import type { V1PodSpec } from '@kubernetes/client-node';
import { parseQuantity } from '../values/index.ts';

const counted = ['cpu', 'memory'];

/** Quality of service class (pkg/apis/core/v1/helper/qos): by the cpu and memory of all containers. */
export function qosClass(spec: V1PodSpec): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  let any = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    for (const name of counted) {
      const limit = parseQuantity(resources?.limits?.[name] ?? '0') ?? 0n;
      const request = parseQuantity(resources?.requests?.[name] ?? resources?.limits?.[name] ?? '0') ?? 0n;
      if (limit > 0n || request > 0n) any = true;
      if (limit <= 0n || limit !== request) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
