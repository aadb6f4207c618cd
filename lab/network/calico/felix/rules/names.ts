import { createHash } from 'node:crypto';

/** The bits of a packet's mark that are Felix' (IptablesMarkMask 0xffff0000, as Calico 3.16 deals them out). */
export const MARK = {
  accept: '0x10000',
  pass: '0x20000',
  /** Scratch bit 0: "from a workload" in table raw, "all blocks pass" in a policy. */
  scratch0: '0x40000',
  /** Scratch bits 0 and 1. */
  bothScratch: '0xc0000',
  all: '0xf0000',
  allButAccept: '0xe0000',
} as const;

/** iptables takes 29 characters, and Felix leaves one. */
const MAX_CHAIN_NAME = 28;
/** IPSET_MAXNAMELEN less the terminating zero. */
const MAX_SET_NAME = 31;

/**
 * A chain's name: prefix and id, or the prefix with a hash of the id where both are too long. Felix
 * hashutils `GetLengthLimitedID`.
 */
export function chainName(prefix: string, id: string): string {
  const length = prefix.length + id.length;
  // An id of the full length that starts like a hash could be taken for one.
  if (length < MAX_CHAIN_NAME || (length === MAX_CHAIN_NAME && !id.startsWith('_'))) return prefix + id;
  const hash = createHash('sha256').update(id).digest('base64url');
  return `${prefix}_${hash}`.slice(0, MAX_CHAIN_NAME);
}

/** Name of an ip set in the kernel: `cali4` for IPv4, `0` for a set that is no temporary one, and the id. */
export const ipSetName = (id: string): string => `cali40${id}`.slice(0, MAX_SET_NAME);

export const marked = (bit: string): string => `-m mark --mark ${bit}/${bit}`;
export const notMarked = (bit: string): string => `-m mark --mark 0/${bit}`;
export const setMark = (bit: string): string => `--jump MARK --set-mark ${bit}/${bit}`;
export const clearMark = (bit: string): string => `--jump MARK --set-mark 0/${bit}`;
