import { ANNOTATION_PREFIX } from '../../../lab/network/ingress/annotations/index.ts';
import type { Ingress, IngressPath } from '../../../lab/network/ingress/objects.ts';

/** What `IngressWorld.service('one', …)` is given. */
export const HOSTS = ['192.168.1.1', '192.168.1.2', '192.168.1.3', '192.168.1.4', '192.168.1.5'];

/** Port 80 of `service` serves `path`. */
export const to = (service: string, path: string, pathType = 'Prefix'): IngressPath => ({
  path,
  pathType,
  backend: { service: { name: service, port: { number: 80 } } },
});

export interface Wanted {
  readonly host?: string;
  /** Without the prefix. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly tls?: NonNullable<Ingress['spec']>['tls'];
}

export const annotations = (wanted: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(wanted).map(([key, value]) => [`${ANNOTATION_PREFIX}${key}`, value]));

export function ingress(name: string, paths: IngressPath[], wanted: Wanted = {}): Ingress {
  const { host, tls } = wanted;
  return {
    metadata: { name, namespace: 'default', annotations: annotations(wanted.annotations ?? {}) },
    spec: { rules: [{ ...(host ? { host } : {}), http: { paths } }], ...(tls ? { tls } : {}) },
  };
}
