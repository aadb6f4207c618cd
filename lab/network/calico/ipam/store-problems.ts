import type { Datastore } from '../datastore/index.ts';
import { blockProblems } from './block.ts';
import type { IpamKinds } from './objects.ts';

/**
 * What is inconsistent in a datastore at rest: blocks in themselves, handles against blocks, affinities against blocks.
 * For tests, and for whoever suspects a leak (as `calicoctl ipam check`).
 */
export async function storeProblems(store: Datastore<IpamKinds>): Promise<string[]> {
  const blocks = (await store.list('IPAMBlock')).map(({ value }) => value);
  const handles = (await store.list('IPAMHandle')).map(({ value }) => value);
  const affinities = (await store.list('BlockAffinity')).map(({ value }) => value);

  const inBlocks = new Map<string, number>();
  for (const block of blocks) {
    for (const index of block.allocations) {
      if (index === null) continue;
      const key = `${block.attributes[index]?.handle_id} in ${block.cidr}`;
      inBlocks.set(key, (inBlocks.get(key) ?? 0) + 1);
    }
  }
  const inHandles = new Map<string, number>(
    handles.flatMap(({ handleID, block }) =>
      Object.entries(block).map(([cidr, count]) => [`${handleID} in ${cidr}`, count] as const),
    ),
  );
  const problems = blocks.flatMap((block) =>
    blockProblems(block).map((problem) => `${block.cidr}: ${problem}`),
  );
  for (const key of new Set([...inBlocks.keys(), ...inHandles.keys()])) {
    const [used, counted] = [inBlocks.get(key) ?? 0, inHandles.get(key) ?? 0];
    if (used !== counted) problems.push(`${key}: ${used} addresses in the block, ${counted} in the handle`);
  }
  for (const { cidr, node } of affinities) {
    const block = blocks.find((candidate) => candidate.cidr === cidr);
    if (block?.affinity !== `host:${node}`)
      problems.push(`affinity of ${node} for ${cidr} has no such block`);
  }
  return problems;
}
