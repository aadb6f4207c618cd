import { chainName } from './names.ts';
import type { Chain, Rule } from './rule.ts';

export const TO_DISPATCH = 'cali-to-wl-dispatch';
export const FROM_DISPATCH = 'cali-from-wl-dispatch';

/** Traffic of a pod that Felix does not know (yet) goes nowhere. */
const UNKNOWN: Rule = { comment: 'Unknown interface', action: '--jump DROP' };

function commonPrefix(names: readonly string[]): string {
  const [first = '', ...others] = names;
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

/**
 * The chains that lead from an interface's name to its own chain: a shallow tree over the character behind what
 * all names have in common, so that a packet passes few rules on a node with many pods (Figure 79).
 *
 * @param interfaces names of the pods' interfaces; each once, in any order
 * @see Felix rules/dispatch.go
 */
export function dispatchChains(interfaces: readonly string[]): Chain[] {
  const names = [...interfaces].sort();
  const prefix = commonPrefix(names);
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const group = name.slice(0, prefix.length + 1);
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [
    ...tree(FROM_DISPATCH, '--in-interface', 'cali-fw-', prefix, groups),
    ...tree(TO_DISPATCH, '--out-interface', 'cali-tw-', prefix, groups),
  ];
}

function tree(
  root: string,
  match: string,
  endpointPrefix: string,
  prefix: string,
  groups: ReadonlyMap<string, readonly string[]>,
): Chain[] {
  const direct = (name: string): Rule => ({
    match: `${match} ${name}`,
    action: `--goto ${chainName(endpointPrefix, name)}`,
  });
  const children: Chain[] = [];
  const rules = [...groups].map(([group, names]): Rule => {
    const [only] = names;
    if (names.length === 1 && only !== undefined) return direct(only);
    const child = `${root}-${group.slice(prefix.length)}`;
    children.push({ name: child, rules: [...names.map(direct), UNKNOWN] });
    return { match: `${match} ${group}+`, action: `--goto ${child}` };
  });
  return [...children, { name: root, rules: [...rules, UNKNOWN] }];
}
