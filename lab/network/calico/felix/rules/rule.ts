import { createHash } from 'node:crypto';

/** One iptables rule in Felix's own notation: what to match and what to do, in the order Felix hashes them. */
export interface Rule {
  /** Match fragments, e.g. `--out-interface tunl0 -m addrtype --src-type LOCAL`. */
  readonly match?: string;
  /** Action fragments, e.g. `--jump MASQUERADE --random-fully`. */
  readonly action: string;
  readonly comment?: string;
}

export interface Chain {
  readonly name: string;
  /** The name that goes into the tags where it is not the chain's own. */
  readonly hashName?: string;
  readonly rules: readonly Rule[];
}

/** Felix keeps iptables comments to characters that need no quoting tricks and to 256 of them. */
function cleanComment(text: string): string {
  return text.replace(/[^\w @%+=:,./-]/g, '_').slice(0, 256);
}

/** The part of a rule that Felix hashes and writes, without chain and hash comment. */
export function fragments(rule: Rule): string {
  const comment = rule.comment === undefined ? '' : `-m comment --comment "${cleanComment(rule.comment)}"`;
  return [comment, rule.match ?? '', rule.action].filter((part) => part !== '').join(' ');
}

const texts = new WeakMap<Chain, string>();

/** All of a chain's rules in Felix' notation, for comparison; remembered for as long as the chain is. */
export function chainText(chain: Chain): string {
  const known = texts.get(chain);
  if (known !== undefined) return known;
  const text = chain.rules.map(fragments).join('\n');
  texts.set(chain, text);
  return text;
}

/**
 * The `cali:` tags of a chain's rules. Each tag depends on all rules before it, so that Felix sees from the
 * comments alone whether a chain is as it wrote it.
 *
 * @returns one 16-character tag per rule, in order
 * @see Felix `iptables/rules.go`, and the tags in Figures 65, 78-80 and 83
 */
export function ruleTags(chain: Chain): string[] {
  const name = chain.hashName ?? chain.name;
  let hash = createHash('sha224').update(name).digest();
  return chain.rules.map((rule) => {
    hash = createHash('sha224')
      .update(hash)
      .update(`-A ${name} HASH ${fragments(rule)}`)
      .digest();
    return hash.toString('base64url').slice(0, 16);
  });
}

/**
 * A chain's rules as iptables-restore lines.
 *
 * @param operation `-A` for Felix's own chains, `-I` for rules put in front of a built-in chain (the caller
 *   keeps the order of several)
 * @param tags the chain's, where the caller has them already
 */
export function restoreLines(
  chain: Chain,
  operation: '-A' | '-I' = '-A',
  tags: readonly string[] = ruleTags(chain),
): string[] {
  return chain.rules.map(
    (rule, i) => `${operation} ${chain.name} -m comment --comment "cali:${tags[i]}" ${fragments(rule)}`,
  );
}
