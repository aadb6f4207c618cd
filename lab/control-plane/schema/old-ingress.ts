import type { Definition, DefinitionField } from './definition.ts';

const apiVersion: DefinitionField = {
  type: 'string',
  description:
    'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
};
const kind: DefinitionField = {
  type: 'string',
  description:
    'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
};
const metadata: DefinitionField = {
  ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  description:
    "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
};

/**
 * Ingress as the white paper's manifests write it (serviceName and servicePort): extensions/v1beta1 until Kubernetes 1.21,
 * networking.k8s.io/v1beta1 likewise. Their fields are the same; from api/openapi-spec of release 1.21.
 */
export const oldIngressDefinitions: Readonly<Record<string, Definition>> = {
  ...versioned('io.k8s.api.extensions.v1beta1'),
  ...versioned('io.k8s.api.networking.v1beta1'),
};

function versioned(packageName: string): Record<string, Definition> {
  const own = (name: string): string => `${packageName}.${name}`;
  return {
    [own('Ingress')]: {
      description:
        'Ingress is a collection of rules that allow inbound connections to reach the endpoints defined by a backend. An Ingress can be configured to give services externally-reachable urls, load balance traffic, terminate SSL, offer name based virtual hosting etc.',
      properties: {
        apiVersion,
        kind,
        metadata,
        spec: { ref: own('IngressSpec'), description: 'Spec is the desired state of the Ingress.' },
        status: {
          ref: 'io.k8s.api.networking.v1.IngressStatus',
          description: 'Status is the current state of the Ingress.',
        },
      },
    },
    [own('IngressSpec')]: {
      description: 'IngressSpec describes the Ingress the user wishes to exist.',
      properties: {
        backend: {
          ref: own('IngressBackend'),
          description: "A default backend capable of servicing requests that don't match any rule.",
        },
        ingressClassName: {
          type: 'string',
          description: 'IngressClassName is the name of the IngressClass cluster resource.',
        },
        rules: {
          type: 'array',
          items: { ref: own('IngressRule') },
          listType: 'atomic',
          description: 'A list of host rules used to configure the Ingress.',
        },
        tls: {
          type: 'array',
          items: { ref: 'io.k8s.api.networking.v1.IngressTLS' },
          listType: 'atomic',
          description: 'TLS configuration.',
        },
      },
    },
    [own('IngressRule')]: {
      description:
        'IngressRule represents the rules mapping the paths under a specified host to the backends.',
      properties: {
        host: { type: 'string', description: 'Host is the fully qualified domain name of a network host.' },
        http: { ref: own('HTTPIngressRuleValue') },
      },
    },
    [own('HTTPIngressRuleValue')]: {
      description: 'HTTPIngressRuleValue is a list of http selectors pointing to backends.',
      properties: {
        paths: {
          type: 'array',
          items: { ref: own('HTTPIngressPath') },
          listType: 'atomic',
          description: 'A collection of paths that map requests to backends.',
        },
      },
      required: ['paths'],
    },
    [own('HTTPIngressPath')]: {
      description: 'HTTPIngressPath associates a path with a backend.',
      properties: {
        path: { type: 'string', description: 'Path is matched against the path of an incoming request.' },
        pathType: {
          type: 'string',
          description: 'PathType determines the interpretation of the Path matching.',
        },
        backend: {
          ref: own('IngressBackend'),
          description:
            'Backend defines the referenced service endpoint to which the traffic will be forwarded to.',
        },
      },
      required: ['backend'],
    },
    [own('IngressBackend')]: {
      description: 'IngressBackend describes all endpoints for a given service and port.',
      properties: {
        resource: { ref: 'io.k8s.api.core.v1.TypedLocalObjectReference' },
        serviceName: { type: 'string', description: 'Specifies the name of the referenced service.' },
        servicePort: { type: 'int-or-string', description: 'Specifies the port of the referenced service.' },
      },
    },
  };
}
