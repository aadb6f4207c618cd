import { DEFAULT_SETTINGS } from '../annotations/index.ts';
import { buildModel, type Model, type ModelOptions } from '../model/index.ts';
import type { Ingress, IngressClass, IngressPath, Secret } from '../objects.ts';
import {
  DEFAULT_GLOBAL,
  DEFAULT_PATHS,
  type Directive,
  parseDirectives,
  type RenderOptions,
  renderConf,
} from '../render/index.ts';

export const RENDER: RenderOptions = {
  httpPort: 80,
  httpsPort: 443,
  statusPort: 10_246,
  defaultServerPort: 8181,
  paths: DEFAULT_PATHS,
  global: DEFAULT_GLOBAL,
};

export const MODEL: ModelOptions = {
  ingressClass: 'nginx',
  controllerClass: 'k8s.io/ingress-nginx',
  watchWithoutClass: true,
  allowSnippets: false,
  defaults: DEFAULT_SETTINGS,
  defaultBackend: { namespace: 'iks', name: 'essential-nginx-ingress-ingress-nginx-defaultbackend' },
};

export interface Shape {
  readonly namespace?: string;
  readonly host?: string;
  /** Without the prefix. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Minutes since the cluster began. */
  readonly age?: number;
  readonly spec?: Ingress['spec'];
}

/** `service` serves `path` by way of its port 80. */
export const path = (path: string, service = 'svc', pathType = 'Prefix'): IngressPath => ({
  path,
  pathType,
  backend: { service: { name: service, port: { number: 80 } } },
});

export function ingress(name: string, paths: readonly IngressPath[], shape: Shape = {}): Ingress {
  const { namespace = 'default', host, annotations = {}, age = 0, spec } = shape;
  return {
    kind: 'Ingress',
    metadata: {
      name,
      namespace,
      uid: `${namespace}-${name}`,
      creationTimestamp: `2021-04-26T10:${String(age).padStart(2, '0')}:00Z`,
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
      ),
    },
    spec: {
      ...(paths.length > 0
        ? { rules: [{ ...(host === undefined ? {} : { host }), http: { paths: [...paths] } }] }
        : {}),
      ...spec,
    },
  };
}

export interface Others {
  readonly classes?: readonly IngressClass[];
  readonly secrets?: Readonly<Record<string, Secret>>;
  readonly options?: Partial<ModelOptions>;
}

export function modelOf(
  ingresses: readonly Ingress[],
  { classes = [], secrets = {}, options }: Others = {},
): Model {
  return buildModel({ ingresses, classes, secret: (key) => secrets[key] }, { ...MODEL, ...options });
}

/** nginx.conf as nginx reads it. @throws Error where it cannot */
export const treeOf = (model: Model): Directive[] => parseDirectives(renderConf(model, RENDER).text);

/** All directives of a name, at any depth. */
export function directives(tree: readonly Directive[], name: string): Directive[] {
  return tree.flatMap((one) => [
    ...(one.words[0] === name ? [one] : []),
    ...(one.children ? directives(one.children, name) : []),
  ]);
}

/** The locations of a host, as `= /foo` or `/foo/`, in the order of the file. */
export function locationsOf(model: Model, host = '_'): string[] {
  const servers = directives(treeOf(model), 'server');
  const server = servers.find(({ children = [] }) =>
    children.some(({ words: [name, value] }) => name === 'server_name' && value === host),
  );
  return (server?.children ?? [])
    .filter(({ words }) => words[0] === 'location')
    .map(({ words }) => words.slice(1).join(' '));
}

/** The location that nginx would take: exact, then the first expression that fits, or the longest prefix (ngx_http_core_find_location). */
export function match(locations: readonly string[], uri: string): string | undefined {
  const exact = locations.find((one) => one === `= ${uri}`);
  if (exact) return exact;
  const regex = locations.find((one) => one.startsWith('~* ') && new RegExp(one.slice(3), 'i').test(uri));
  if (regex) return regex;
  return locations
    .filter((one) => one.startsWith('/') && uri.startsWith(one))
    .sort((a, b) => b.length - a.length)[0];
}
