/** Bit 14, for packets that are to be masqueraded when they leave. */
export const MASQUERADE_MARK = '0x4000/0x4000';
/** Bit 15, the kubelet's, for packets to be dropped in the filter table (until 1.24). */
export const DROP_MARK = '0x8000/0x8000';

export interface Match {
  /** Source network; with a leading `! ` all others. */
  readonly source?: string | undefined;
  /** Destination; an address alone stands for itself. */
  readonly destination?: string | undefined;
  readonly protocol?: string | undefined;
  readonly comment?: string | undefined;
  readonly port?: number | undefined;
  /** Further matches, before that of the port. */
  readonly before?: string | undefined;
  /** Further matches, after that of the port. */
  readonly after?: string | undefined;
}

const network = (flag: string, text: string): string => {
  const negated = text.startsWith('! ');
  const address = negated ? text.slice(2) : text;
  return `${negated ? '! ' : ''}${flag} ${address.includes('/') ? address : `${address}/32`} `;
};

/**
 * One rule in the form in which `iptables-save` prints it, so that what was written and what is found can be compared
 * as text: addresses with prefix length, source before destination, protocol before comment.
 *
 * @param target with its options; without, the rule only counts
 */
export function rule(chain: string, match: Match, target?: string): string {
  const { source, destination, protocol, comment, port, before, after } = match;
  let text = `-A ${chain} `;
  if (source !== undefined) text += network('-s', source);
  if (destination !== undefined) text += network('-d', destination);
  if (protocol !== undefined) text += `-p ${protocol} `;
  if (comment !== undefined) text += `-m comment --comment "${comment}" `;
  if (before !== undefined) text += `${before} `;
  if (port !== undefined) text += `-m ${protocol} --dport ${port} `;
  if (after !== undefined) text += `${after} `;
  return target === undefined ? text.trimEnd() : `${text}-j ${target}`;
}

/** Divisor of the random number that xt_statistic draws. */
const STATISTIC_UNITS = 2 ** 31;

/**
 * The match that lets through one of `n` packets. The kernel keeps a multiple of 2^-31 and prints that, so that a third
 * shows as 0.33333333349 (Figure 25).
 */
export function oneOf(n: number): string {
  const known = ONE_OF[n];
  if (known !== undefined) return known;
  const units = Math.round(Number((1 / n).toFixed(10)) * STATISTIC_UNITS);
  const text = `-m statistic --mode random --probability ${(units / STATISTIC_UNITS).toFixed(11)}`;
  ONE_OF[n] = text;
  return text;
}
const ONE_OF: (string | undefined)[] = [];

/** The match of clients that came to an endpoint within the last seconds; forgets those that came before. */
export function seen(endpointChain: string, seconds: number): string {
  return `-m recent --rcheck --seconds ${seconds} --reap --name ${endpointChain} --mask 255.255.255.255 --rsource`;
}

/** Remembers the client for {@link seen}. */
export function remember(endpointChain: string): string {
  return `-m recent --set --name ${endpointChain} --mask 255.255.255.255 --rsource`;
}

export const TO_LOCAL = '-m addrtype --dst-type LOCAL';
export const FROM_LOCAL = '-m addrtype --src-type LOCAL';
export const REJECT = 'REJECT --reject-with icmp-port-unreachable';
