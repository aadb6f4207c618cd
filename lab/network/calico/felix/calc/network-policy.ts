import type { ApiObject, IntOrString, LabelSelector } from '../../../../api/objects/index.ts';

/** `networking.k8s.io/v1` NetworkPolicy, as far as it is enforced. */
export interface NetworkPolicy extends ApiObject {
  spec?: {
    podSelector?: LabelSelector | null;
    policyTypes?: string[] | null;
    ingress?: { from?: NetworkPolicyPeer[] | null; ports?: NetworkPolicyPort[] | null }[] | null;
    egress?: { to?: NetworkPolicyPeer[] | null; ports?: NetworkPolicyPort[] | null }[] | null;
  };
}

export interface NetworkPolicyPeer {
  podSelector?: LabelSelector | null;
  namespaceSelector?: LabelSelector | null;
  ipBlock?: { cidr: string; except?: string[] | null } | null;
}

export interface NetworkPolicyPort {
  protocol?: string | null;
  port?: IntOrString | null;
  endPort?: number | null;
}
