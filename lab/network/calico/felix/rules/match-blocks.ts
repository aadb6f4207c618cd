import type { PortRange } from '../calc/index.ts';
import { clearMark, MARK, setMark } from './names.ts';
import type { Rule } from './rule.ts';

/** Ports in one `multiport` match at most; a range takes two of these places. */
const MULTIPORT_SLOTS = 15;

/** Ports in portions that one rule can match. Felix rules/policy.go `SplitPortList`. */
export function splitPorts(ranges: readonly PortRange[]): PortRange[][] {
  const portions: PortRange[][] = [];
  let free = 0;
  for (const range of ranges) {
    const slots = range[0] === range[1] ? 1 : 2;
    if (slots > free) {
      portions.push([]);
      free = MULTIPORT_SLOTS;
    }
    portions.at(-1)?.push(range);
    free -= slots;
  }
  return portions;
}

export function portMatch(ranges: readonly PortRange[]): string {
  const text = ranges.map(([first, last]) => (first === last ? `${first}` : `${first}:${last}`));
  return `-m multiport --destination-ports ${text.join(',')}`;
}

const start = (initially: string): Rule => ({
  action: `--jump MARK --set-mark ${initially}/${MARK.bothScratch}`,
});

/**
 * Rules in front of a policy's rule for what one rule of iptables cannot say: scratch bit 0 is set afterwards where one of
 * `oneOf` is met (or there are none) and none of `noneOf`. Calico's own policies can ask for several alternatives at
 * once, and take scratch bit 1 for that; one of Kubernetes' has ports only.
 *
 * @see Felix rules/policy.go `matchBlockBuilder`
 */
export function matchBlocks(oneOf: readonly string[], noneOf: readonly string[]): Rule[] {
  if (oneOf.length + noneOf.length === 0) return [];
  return [
    start(oneOf.length > 0 ? '0x0' : MARK.scratch0),
    ...oneOf.map((match) => ({ match, action: setMark(MARK.scratch0) })),
    ...noneOf.map((match) => ({ match, action: clearMark(MARK.scratch0) })),
  ];
}
