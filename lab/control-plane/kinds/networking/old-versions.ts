import type {
  V1HTTPIngressPath,
  V1IngressBackend,
  V1IngressRule,
  V1IngressSpec,
  V1TypedLocalObjectReference,
} from '@kubernetes/client-node';
import type { KubeObject } from '../../registry/kind.ts';

/** The backend of extensions/v1beta1 and networking.k8s.io/v1beta1. */
interface OldBackend {
  serviceName?: string;
  servicePort?: number | string;
  resource?: V1TypedLocalObjectReference;
}

interface OldSpec extends Omit<V1IngressSpec, 'defaultBackend' | 'rules'> {
  backend?: OldBackend;
  rules?: (Omit<V1IngressRule, 'http'> & { http?: { paths?: OldPath[] } })[];
}

type OldPath = Omit<V1HTTPIngressPath, 'backend'> & { backend?: OldBackend };

/** pkg/apis/extensions/v1beta1 conversion: `serviceName` and `servicePort` become `service`, and a path has a type. */
export function fromOldIngress(object: KubeObject): KubeObject {
  const { backend, rules, ...rest } = (object.spec ?? {}) as OldSpec;
  const spec: V1IngressSpec = {
    ...rest,
    ...(backend && { defaultBackend: newBackend(backend) }),
    ...(rules && { rules: rules.map(newRule) }),
  };
  return { ...object, apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', spec };
}

/** Back, for a client that asks for `apiVersion`. */
export function toOldIngress(object: KubeObject, apiVersion: string): KubeObject {
  const { defaultBackend, rules, ...rest } = (object.spec ?? {}) as V1IngressSpec;
  const spec: OldSpec = {
    ...rest,
    ...(defaultBackend && { backend: oldBackend(defaultBackend) }),
    ...(rules && { rules: rules.map(oldRule) }),
  };
  return { ...object, apiVersion, kind: 'Ingress', spec };
}

type OldRule = NonNullable<OldSpec['rules']>[number];

function newRule({ http, ...rest }: OldRule): V1IngressRule {
  if (!http) return rest;
  const paths = (http.paths ?? []).map(({ backend, ...path }) => ({
    ...path,
    pathType: path.pathType || 'ImplementationSpecific',
    backend: newBackend(backend ?? {}),
  }));
  return { ...rest, http: { paths } };
}

function oldRule({ http, ...rest }: V1IngressRule): OldRule {
  if (!http) return rest;
  const paths = (http.paths ?? []).map(({ backend, ...path }) => ({ ...path, backend: oldBackend(backend) }));
  return { ...rest, http: { paths } };
}

function newBackend({ serviceName, servicePort, resource }: OldBackend): V1IngressBackend {
  const port =
    servicePort === undefined || servicePort === 0 || servicePort === ''
      ? undefined
      : typeof servicePort === 'string'
        ? { name: servicePort }
        : { number: servicePort };
  const service = serviceName || port ? { name: serviceName ?? '', ...(port && { port }) } : undefined;
  return { ...(service && { service }), ...(resource && { resource }) };
}

function oldBackend(backend: V1IngressBackend | undefined): OldBackend {
  const { service, resource } = backend ?? {};
  const port = service?.port?.name || service?.port?.number;
  return {
    ...(service && { serviceName: service.name, servicePort: port ?? 0 }),
    ...(resource && { resource }),
  };
}
