/**
 * Fields that the models (Kubernetes 1.34) have and a server of 1.31 does not know: it drops them with the warning
 * `unknown field`, so the schemas must not hold them. From the API change sections of the 1.32, 1.33 and 1.34 changelogs.
 */
export const laterThan131: ReadonlySet<string> = new Set([
  'PodSpec.resources',
  'PodSpec.hostnameOverride',
  'PodSecurityContext.seLinuxChangePolicy',
  'PodStatus.observedGeneration',
  'PodStatus.extendedResourceClaimStatus',
  'PodCondition.observedGeneration',
  'Container.restartPolicyRules',
  'EphemeralContainer.restartPolicyRules',
  'Lifecycle.stopSignal',
  'ContainerStatus.stopSignal',
  'EnvVarSource.fileKeyRef',
  'VolumeProjection.podCertificate',
  'NodeSystemInfo.swap',
  'DeploymentStatus.terminatingReplicas',
  'ReplicaSetStatus.terminatingReplicas',
  'EndpointHints.forNodes',
]);

/** Fields that a later version has made optional: `kubectl explain` of 1.31 says `-required-`. */
export const stillRequired: ReadonlySet<string> = new Set(['NetworkPolicySpec.podSelector']);
