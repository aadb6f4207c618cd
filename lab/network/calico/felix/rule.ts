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
  readonly rules: readonly Rule[];
}

/** Felix keeps iptables comments to characters that need no quoting tricks and to 256 of them. */
function cleanComment(text: string): string {
  return text.replace(/[^\w @%+=:,./-]/g, '_').slice(0, 256);
}

/** The part of a rule that Felix hashes and writes, without chain and hash comment. */
function fragments(rule: Rule): string {
  const comment = rule.comment === undefined ? '' : `-m comment --comment "${cleanComment(rule.comment)}"`;
  return [comment, rule.match ?? '', rule.action].filter((part) => part !== '').join(' ');
}

/**
 * The `cali:` tags of a chain's rules. Each tag depends on all rules before it, so that Felix sees from the
 * comments alone whether a chain is as it wrote it.
 *
 * @returns one 16-character tag per rule, in order
 * @see Felix `iptables/rules.go`, and the tags in Figures 65, 78-80 and 83
 */
export function ruleTags(chain: Chain): string[] {
  let hash = createHash('sha224').update(chain.name).digest();
  return chain.rules.map((rule) => {
    hash = createHash('sha224')
      .update(hash)
      .update(`-A ${chain.name} HASH ${fragments(rule)}`)
      .digest();
    return hash.toString('base64url').slice(0, 16);
  });
}

/**
 * A chain's rules as iptables-restore lines.
 *
 * @param operation `-A` for Felix's own chains, `-I` for rules put in front of a built-in chain (the caller
 *   keeps the order of several)
 */
export function restoreLines(chain: Chain, operation: '-A' | '-I' = '-A'): string[] {
  const tags = ruleTags(chain);
  return chain.rules.map(
    (rule, i) => `${operation} ${chain.name} -m comment --comment "cali:${tags[i]}" ${fragments(rule)}`,
  );
}
