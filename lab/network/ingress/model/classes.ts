import type { Ingress, IngressClass } from '../objects.ts';

export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';

export interface ClassOptions {
  /** The name that Ingress objects give. */
  readonly ingressClass: string;
  /** The name that IngressClass objects give. */
  readonly controllerClass: string;
  readonly watchWithoutClass: boolean;
}

/**
 * Whether an Ingress is this controller's. The annotation, older than the field, wins over it; an object with neither is served if
 * a flag says so or a class of this controller is the cluster's default (KEP-1453).
 */
export function isOurs(
  { metadata, spec }: Ingress,
  classes: readonly IngressClass[],
  options: ClassOptions,
): boolean {
  const annotated = metadata.annotations?.[CLASS_ANNOTATION];
  if (annotated) return annotated === options.ingressClass;
  const ours = classes.filter((one) => one.spec?.controller === options.controllerClass);
  const name = spec?.ingressClassName;
  if (name) {
    if (ours.some((one) => one.metadata.name === name)) return true;
    // A cluster without IngressClass objects: the name alone says it.
    return name === options.ingressClass && !classes.some((one) => one.metadata.name === name);
  }
  const isDefault = ({ metadata: { annotations } }: IngressClass) =>
    annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true';
  return options.watchWithoutClass || ours.some(isDefault);
}

/** Older objects first: they keep what two claim. */
export function byAge(a: Ingress, b: Ingress): number {
  const time = ({ metadata }: Ingress) => metadata.creationTimestamp ?? '';
  const key = ({ metadata }: Ingress) => `${metadata.namespace}/${metadata.name}`;
  if (time(a) !== time(b)) return time(a) < time(b) ? -1 : 1;
  return key(a) < key(b) ? -1 : 1;
}
