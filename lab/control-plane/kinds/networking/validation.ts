import type { V1HTTPIngressPath, V1Ingress, V1IngressRule, V1IngressSpec } from '@kubernetes/client-node';
import type { FieldError, KubeObject } from '../../registry/kind.ts';
import { GoText, invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import { isDNS1123Subdomain, isWildcardDNS1123Subdomain } from '../meta/index.ts';
import { isValidIP, parseIP } from '../values/index.ts';
import { validateBackend } from './backend.ts';

export const classAnnotation = 'kubernetes.io/ingress.class';
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const badSequences = ['//', '/./', '/../', '%2f', '%2F'];
const badEnds = ['/..', '/.'];

export function validateIngressSpec(spec: V1IngressSpec): FieldError[] {
  const errors: FieldError[] = [];
  const rules = spec.rules ?? [];
  if (rules.length === 0 && !spec.defaultBackend) {
    const text = spec.rules ? '[]networking.IngressRule{}' : '[]networking.IngressRule(nil)';
    errors.push(invalid('spec', new GoText(text), 'either `defaultBackend` or `rules` must be specified'));
  }
  if (spec.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'));
  for (const [index, rule] of rules.entries()) errors.push(...validateRule(rule, `spec.rules[${index}]`));
  for (const [index, { hosts }] of (spec.tls ?? []).entries()) {
    for (const [at, host] of (hosts ?? []).entries()) {
      errors.push(...invalidAll(`spec.tls[${index}].hosts[${at}]`, host, isHost(host)));
    }
  }
  if (spec.ingressClassName !== undefined) {
    const messages = isDNS1123Subdomain(spec.ingressClassName);
    errors.push(...invalidAll('spec.ingressClassName', spec.ingressClassName, messages));
  }
  return errors;
}

/** Only of a create: an old object may go on having both. */
export function validateClassAnnotation(object: KubeObject): FieldError[] {
  const annotation = object.metadata.annotations?.[classAnnotation];
  const name = (object as unknown as V1Ingress).spec?.ingressClassName;
  if (annotation === undefined || name === undefined || annotation === name) return [];
  return [
    invalid(
      `annotations.${classAnnotation}`,
      annotation,
      'must match `ingressClassName` when both are specified',
    ),
  ];
}

export function validateIngressStatus(object: KubeObject): FieldError[] {
  const ingress = (object as unknown as V1Ingress).status?.loadBalancer?.ingress ?? [];
  return ingress.flatMap(({ ip, hostname }, index) => {
    const path = `status.loadBalancer.ingress[${index}]`;
    const errors = ip ? invalidAll(`${path}.ip`, ip, isValidIP(ip)) : [];
    if (hostname) {
      errors.push(...invalidAll(`${path}.hostname`, hostname, isDNS1123Subdomain(hostname)));
      if (parseIP(hostname)) {
        errors.push(invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'));
      }
    }
    return errors;
  });
}

function validateRule({ host = '', http }: V1IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (host !== '') {
    if (parseIP(host)) errors.push(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'));
    errors.push(...invalidAll(`${path}.host`, host, parseIP(host) ? [] : isHost(host)));
  }
  if (!http) return errors;
  const paths = http.paths ?? [];
  if (paths.length === 0) errors.push(required(`${path}.http.paths`));
  for (const [index, each] of paths.entries())
    errors.push(...validatePath(each, `${path}.http.paths[${index}]`));
  return errors;
}

function isHost(host: string): string[] {
  return host.includes('*') ? isWildcardDNS1123Subdomain(host) : isDNS1123Subdomain(host);
}

function validatePath({ path = '', pathType = '', backend }: V1HTTPIngressPath, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = `${field}.path`;
  if (pathType === '') errors.push(required(`${field}.pathType`, 'pathType must be specified'));
  else if (!pathTypes.includes(pathType)) errors.push(notSupported(`${field}.pathType`, pathType, pathTypes));
  else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) errors.push(invalid(at, path, 'must be an absolute path'));
  } else {
    if (!path.startsWith('/')) errors.push(invalid(at, path, 'must be an absolute path'));
    for (const bad of badSequences) {
      if (path.includes(bad)) errors.push(invalid(at, path, `must not contain '${bad}'`));
    }
    for (const bad of badEnds)
      if (path.endsWith(bad)) errors.push(invalid(at, path, `cannot end with '${bad}'`));
  }
  return [...errors, ...validateBackend(backend, `${field}.backend`)];
}
