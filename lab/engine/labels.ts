/** Every label the lab puts on Docker objects. `down` removes exactly what carries {@link LABEL.lab}. */
export const LABEL = {
  /** Name of the lab an object belongs to. */
  lab: 'hoplab.lab',
  /** What a container is: {@link Role}. */
  role: 'hoplab.role',
  /** The object's short name in the lab, e.g. `worker1` or `nodes`. */
  name: 'hoplab.name',
  /** Hash of the specification it was made from; another hash means it must be made again. */
  spec: 'hoplab.spec',
  /** Version of hoplab that made it. */
  version: 'hoplab.version',
  /** On things shared by all labs, which survive `down`: `images`. */
  cache: 'hoplab.cache',
  /** On containers that live for the length of one operation. */
  helper: 'hoplab.helper',
  /** On the browser of a scenario: the machine whose network it is on. */
  browser: 'hoplab.browser',
  /** On images: the name of the image's folder, and how the base was made. */
  image: 'hoplab.image',
  base: 'hoplab.base',
} as const;

export type Role = 'node' | 'router' | 'host';

/** Prefix of the names of all Docker objects of the lab. */
export const PREFIX = 'hoplab';

/** Name of a Docker object of a lab, e.g. `hoplab-iks-worker1`. */
export function objectName(lab: string, name: string): string {
  return `${PREFIX}-${lab}-${name}`;
}

/** A `label=value` filter in the form the engine's API wants. */
export function labelFilter(label: string, value?: string): { label: string[] } {
  return { label: [value === undefined ? label : `${label}=${value}`] };
}
