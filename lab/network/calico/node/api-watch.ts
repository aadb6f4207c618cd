import { type ApiClient, BLOCK_AFFINITIES, type Informer, informer } from '../../../api/client/index.ts';
import type { ApiObject } from '../../../api/objects/index.ts';
import type { BlockAffinity } from '../ipam/index.ts';

/** A line about the same failure is written once in so many milliseconds. */
const QUIET_MS = 30_000;

/** Writes lines, but none twice within half a minute: a watch fails every second while the API is away. */
export function quietly(log: (line: string) => void, now: () => number = Date.now): (line: string) => void {
  const written = new Map<string, number>();
  return (line) => {
    for (const [old, at] of written) if (now() - at >= QUIET_MS) written.delete(old);
    if (written.has(line)) return;
    written.set(line, now());
    log(line);
  };
}

type AffinityObject = ApiObject & { readonly spec: BlockAffinity };

/**
 * Follows all nodes' claims on blocks.
 *
 * @param onChange told of each change, with the node whose claim it is
 */
export function followAffinities(
  client: ApiClient,
  onChange: (node: string) => void,
  onError: (error: unknown) => void,
): Informer<AffinityObject> {
  const affinities = informer<AffinityObject>(client, BLOCK_AFFINITIES, { onError });
  const told = ({ spec }: AffinityObject) => onChange(spec.node);
  affinities.on({ add: told, update: told, delete: told });
  return affinities;
}
