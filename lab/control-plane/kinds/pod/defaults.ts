import type { V1Pod, V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node';
import { defaultContainer } from './container-defaults.ts';
import { defaultVolume } from './volume-defaults.ts';

/** What k8s.io/kubernetes/pkg/apis/core/v1 SetDefaults_PodSpec and its like fill in, for pods and for templates. */
export function defaultPodSpec(spec: V1PodSpec): void {
  spec.restartPolicy ||= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ||= 'default-scheduler';
  // `serviceAccount` is the deprecated name of `serviceAccountName`; both are always written.
  const account = spec.serviceAccountName || spec.serviceAccount;
  if (account) {
    spec.serviceAccountName = account;
    spec.serviceAccount = account;
  }
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    defaultContainer(container);
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
}

/** A template's metadata shows `creationTimestamp: null`, as Go prints an unset time. */
export function defaultTemplate(template: V1PodTemplateSpec): void {
  const metadata = { creationTimestamp: null, ...template.metadata };
  template.metadata = metadata as unknown as NonNullable<V1PodTemplateSpec['metadata']>;
  template.spec ??= {} as V1PodSpec;
  defaultPodSpec(template.spec);
}

export function defaultPod(pod: V1Pod): void {
  pod.spec ??= {} as V1PodSpec;
  defaultPodSpec(pod.spec);
  pod.spec.enableServiceLinks ??= true;
  // Only in pods, not in templates: a limit without a request is requested.
  for (const { resources } of [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])]) {
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
  }
}
