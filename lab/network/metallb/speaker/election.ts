import { createHash } from 'node:crypto';

const digests = new Map<string, string>();
const MAX_DIGESTS = 10_000;

function digest(node: string, key: string): string {
  const text = `${node}#${key}`;
  let found = digests.get(text);
  if (found === undefined) {
    if (digests.size >= MAX_DIGESTS) digests.clear();
    found = createHash('sha256').update(text).digest('hex');
    digests.set(text, found);
  }
  return found;
}

/** Negative when `a` goes before `b`: by the bytes of sha256(node + "#" + key). MetalLB, speaker/layer2_controller.go. */
export function electionOrder(key: string, a: string, b: string): number {
  const [first, second] = [digest(a, key), digest(b, key)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** The node that announces. @param key the service's `namespace/name` up to 0.10, the address from 0.11 on */
export function elect(candidates: Iterable<string>, key: string): string | undefined {
  let winner: string | undefined;
  for (const node of candidates) {
    if (winner === undefined || electionOrder(key, node, winner) < 0) winner = node;
  }
  return winner;
}
