import { KINDS } from '../../../lab/control-plane/kinds/index.ts';
import type { Kind } from '../../../lab/control-plane/registry/index.ts';

/** The table of kinds that the lab serves. */
export async function loadKinds(): Promise<readonly Kind[]> {
  return KINDS;
}
