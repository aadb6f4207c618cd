import type { KubeObject } from '../registry/kind.ts';
import { semanticallyEqual } from './values/index.ts';

/** An update of the object itself does not touch its status, whatever it says. */
export function keepStatus(object: KubeObject, old: KubeObject): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

/** First generation, and an empty status. */
export function startGeneration(object: KubeObject, status: unknown): void {
  object.metadata.generation = 1;
  if (status === undefined) delete object.status;
  else object.status = status;
}

/** A change of the spec is a new generation: controllers compare it with status.observedGeneration. */
export function nextGeneration(object: KubeObject, old: KubeObject, ...fields: string[]): void {
  const generation = old.metadata.generation ?? 0;
  const changed = (fields.length > 0 ? fields : ['spec']).some(
    (field) => !semanticallyEqual(object[field], old[field]),
  );
  object.metadata.generation = changed ? generation + 1 : generation;
}
