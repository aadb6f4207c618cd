import type { IpSet } from './ip-set.ts';

/** Members of Felix' sets by the set's name, as the kernel has them. */
export type KernelSets = Map<string, ReadonlySet<string>>;

/** Reads `ipset save`; sets of others are left out. */
export function parseIpSetSave(save: string): KernelSets {
  const sets = new Map<string, Set<string>>();
  for (const line of save.split('\n')) {
    const [verb, name = '', member] = line.split(' ');
    if (!name.startsWith('cali4')) continue;
    if (verb === 'create') sets.set(name, new Set());
    if (verb === 'add' && member) sets.get(name)?.add(member);
  }
  return sets;
}

/** The kernel leaves the length of a single address away. */
const printed = (member: string): string => member.replace(/\/32$/, '');

/**
 * `ipset restore` input that makes sets and changes members. Additions come first, so that a packet that is to be
 * let pass before and after is let pass all the time.
 *
 * @returns undefined when nothing is to be done, otherwise the input and what the kernel holds after it
 */
export function ipSetChange(
  wanted: readonly IpSet[],
  kernel: KernelSets,
): { readonly input: string; readonly after: KernelSets } | undefined {
  const after: KernelSets = new Map(kernel);
  const additions: string[] = [];
  const deletions: string[] = [];
  for (const { name, type, members } of wanted) {
    const present = kernel.get(name);
    const now = new Set(members.map(printed));
    after.set(name, now);
    if (!present) additions.push(`create -exist ${name} ${type} family inet hashsize 1024 maxelem 1048576`);
    for (const member of now) if (!present?.has(member)) additions.push(`add -exist ${name} ${member}`);
    for (const member of present ?? []) if (!now.has(member)) deletions.push(`del -exist ${name} ${member}`);
  }
  if (additions.length + deletions.length === 0) return undefined;
  return { input: `${[...additions, ...deletions].join('\n')}\n`, after };
}

/** Names of Felix' sets that no rule needs any more. */
export function unwantedIpSets(wanted: readonly IpSet[], kernel: KernelSets): string[] {
  const names = new Set(wanted.map(({ name }) => name));
  return [...kernel.keys()].filter((name) => !names.has(name));
}
