import type { KubeObject } from '../registry/kind.ts';

/** The spec or status of an object, made when there is none. */
export function sectionOf<T>(object: KubeObject, name: 'spec' | 'status'): T {
  object[name] ??= {};
  return object[name] as T;
}
