import type { ApiObject, LabelSelector } from '../../api/objects/index.ts';

export type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific';

export interface ServicePortRef {
  name?: string;
  number?: number;
}

export interface IngressBackend {
  service?: { name: string; port?: ServicePortRef };
  resource?: { apiGroup?: string; kind?: string; name?: string };
}

export interface IngressPath {
  path?: string;
  pathType?: string;
  backend?: IngressBackend;
}

export interface IngressRule {
  host?: string;
  http?: { paths?: IngressPath[] | null };
}

export interface IngressTLS {
  hosts?: string[] | null;
  secretName?: string;
}

export interface LoadBalancerIngress {
  ip?: string;
  hostname?: string;
}

/** networking.k8s.io/v1 Ingress, as far as it is read here. Objects may come malformed: nothing of it is relied upon. */
export interface Ingress extends ApiObject {
  spec?: {
    ingressClassName?: string;
    defaultBackend?: IngressBackend;
    rules?: IngressRule[] | null;
    tls?: IngressTLS[] | null;
  };
  status?: { loadBalancer?: { ingress?: LoadBalancerIngress[] | null } };
}

export interface IngressClass extends ApiObject {
  spec?: { controller?: string; selector?: LabelSelector };
}

export interface Secret extends ApiObject {
  type?: string;
  /** Base64. */
  data?: Record<string, string> | null;
}

/** `namespace/name`. */
export const keyOfIngress = ({ metadata }: Ingress): string => `${metadata.namespace}/${metadata.name}`;
