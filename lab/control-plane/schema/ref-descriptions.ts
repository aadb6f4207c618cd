const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

/**
 * Descriptions of fields that hold an object. The models have lost these (their generator drops what stands beside a `$ref`); here are
 * those that the recorded tables and explanations print. Other such fields show the description of their type.
 */
export const refDescriptions: Readonly<Record<string, string>> = {
  'Service.spec': `Spec defines the behavior of a service. ${conventions}#spec-and-status`,
  'Service.status': `Most recently observed status of the service. Populated by the system. Read-only. More info: ${conventions}#spec-and-status`,
  'NetworkPolicy.spec': 'spec represents the specification of the desired behavior for this NetworkPolicy.',
  'PersistentVolumeSpec.claimRef':
    'claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding',
  'NetworkPolicySpec.podSelector':
    'Selects the pods to which this NetworkPolicy object applies.  The array of ingress rules is applied to any pods selected by this field. Multiple network policies can select the same set of pods.  In this case, the ingress rules for each are combined additively. This field is NOT optional and follows standard label selector semantics. An empty podSelector matches all pods in this namespace.',
  'Event.involvedObject': 'The object that this event is about.',
  'Event.source': 'The component reporting this event. Should be a short machine understandable string.',
};

/** What `metadata` says in every kind. */
export const metadataDescription = `Standard object's metadata. More info: ${conventions}#metadata`;
