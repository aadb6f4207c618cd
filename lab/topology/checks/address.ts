import ipaddr from 'ipaddr.js';
import {
  type Cidr,
  cidrOf,
  cidrRange,
  formatAddress,
  formatCidr,
  inRange,
  parseAddress,
  parseCidr,
  parsePrefixed,
  parseRange,
  prefixFor,
  type Range,
  rangesOverlap,
} from '../address.ts';
import { type Check, type Fault, show } from '../fault.ts';

/** Ranges no lab can use, with the reason. */
const UNUSABLE: readonly { cidr: Cidr; text: string }[] = (
  [
    ['0.0.0.0/8', '"this network" (RFC 1122)'],
    ['127.0.0.0/8', 'loopback (RFC 1122)'],
    ['169.254.0.0/16', 'link-local (RFC 3927; 169.254.1.1 is the gateway of every Calico pod)'],
    ['224.0.0.0/4', 'multicast (RFC 5771)'],
    ['240.0.0.0/4', 'reserved (RFC 1112)'],
  ] as const
).flatMap(([text, name]) => {
  const cidr = parseCidr(text);
  return cidr ? [{ cidr, text: `${text}, ${name}` }] : [];
});

const UNICAST_RULE = 'addresses must be unicast addresses that a router forwards';
const ADDRESS_RULE = 'an IPv4 address is four numbers from 0 to 255 with dots between, without leading zeros';
const CIDR_RULE = 'a network is written address/prefix, the prefix from 0 to 32';

function ipv6Fault(text: string, right: string): Fault | undefined {
  const [address = ''] = text.split(/[/-]/);
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return undefined;
  return { message: `${show(text)} is IPv6`, rule: 'hoplab is IPv4 only for now', right };
}

function unusableFault(text: string, range: Range, right: string): Fault | undefined {
  const hit = UNUSABLE.find(({ cidr }) => rangesOverlap(cidrRange(cidr), range));
  if (!hit) return undefined;
  const whole = inRange(cidrRange(hit.cidr), range.first);
  return { message: `${text} ${whole ? 'is in' : 'reaches into'} ${hit.text}`, rule: UNICAST_RULE, right };
}

/** A single address, e.g. `10.1.110.102`. */
export const addressFault: Check<string> = (text) => {
  const example = 'an IPv4 address, such as 10.1.110.102';
  const ipv6 = ipv6Fault(text, example);
  if (ipv6) return ipv6;
  const address = parseAddress(text);
  if (address !== undefined) return unusableFault(text, { first: address, last: address }, example);
  const prefixed = parsePrefixed(text);
  if (prefixed) {
    return {
      message: `${text} has a prefix`,
      rule: 'an address stands alone here; the prefix comes from its network',
      right: `did you mean ${formatAddress(prefixed.address)}?`,
    };
  }
  return {
    message: `${show(text)} is not an address`,
    rule: ADDRESS_RULE,
    right: withoutZeros(text) ?? example,
  };
};

function withoutZeros(text: string): string | undefined {
  if (!/^\d+(\.\d+){3}$/.test(text)) return undefined;
  const decimal = text.split('.').map(Number).join('.');
  return decimal !== text && parseAddress(decimal) !== undefined ? `did you mean ${decimal}?` : undefined;
}

/** A block with no bit set after its prefix. */
function cidrLike(sample: string): Check<string> {
  const example = `an IPv4 network, such as ${sample}`;
  return (text) => {
    const ipv6 = ipv6Fault(text, example);
    if (ipv6) return ipv6;
    const parsed = parsePrefixed(text);
    if (!parsed) return notCidr(text, example);
    const cidr = cidrOf(parsed.address, parsed.prefix);
    if (cidr.base === parsed.address) return unusableFault(text, cidrRange(cidr), example);
    return {
      message: `${text} has bits set after its prefix`,
      rule: `the address of a /${cidr.prefix} ends in ${32 - cidr.prefix} zero bits`,
      right: `did you mean ${formatCidr(cidr)}?`,
    };
  };
}

function notCidr(text: string, example: string): Fault {
  const address = parseAddress(text);
  if (address === undefined)
    return { message: `${show(text)} is not a network`, rule: CIDR_RULE, right: example };
  const guess = formatCidr(cidrOf(address, 24));
  return { message: `${text} has no prefix`, rule: CIDR_RULE, right: `did you mean ${guess}?` };
}

/** A prefix between two lengths, after the rules that every network keeps. */
function withPrefix(min: number, max: number, rule: string, sample: string): Check<string> {
  const cidrFault = cidrLike(sample);
  return (text) => {
    const fault = cidrFault(text);
    const cidr = parseCidr(text);
    if (fault || !cidr || (cidr.prefix >= min && cidr.prefix <= max)) return fault;
    const small = cidr.prefix > max;
    const nearest = cidrOf(cidr.base, small ? max : min);
    return {
      message: `${text} is too ${small ? 'small' : 'large'}`,
      rule,
      right: `a prefix from /${min} to /${max}, such as ${formatCidr(nearest)}`,
    };
  };
}

/** A node's block of pod addresses. */
export const blockFault = cidrLike('192.168.104.64/26');

/** Addresses of pods that are kept for those who ask for them. */
export const reservedCidrFault: Check<string> = (text) => {
  const address = parseAddress(text);
  if (address === undefined) return cidrLike('192.168.8.222/32')(text);
  const right = `did you mean ${formatAddress(address)}/32?`;
  return { message: `${text} has no prefix`, rule: CIDR_RULE, right };
};

/** The subnet of a wire: a /30 would hold the router and the bridge's own address, but no machine. */
export const subnetFault = withPrefix(
  8,
  29,
  'the subnet of a network is between /8 and /29',
  '10.1.110.0/24',
);

/** The IKS wizard's rule: "A CIDR prefix /25 or greater will fail". */
export const serviceCidrFault = withPrefix(
  8,
  24,
  'a service CIDR is between /24 (254 hosts) and /8 (16,777,214 hosts)',
  '10.96.0.0/16',
);

/** How small it may be depends on the number of nodes (rules/cluster.ts). */
export const podCidrFault = withPrefix(8, 32, 'a pod CIDR is a /8 at most', '192.168.0.0/16');

/** Addresses of a load-balancer pool as MetalLB takes them: a CIDR or `from-to`. */
export const poolRangeFault: Check<string> = (text) => {
  const example = 'a CIDR or a range, such as 10.1.110.105-10.1.110.106';
  const rule = 'a pool holds CIDRs and from-to ranges (MetalLB takes no bare address)';
  const ipv6 = ipv6Fault(text, example);
  if (ipv6) return ipv6;
  if (text.includes('/') && !text.includes('-')) return cidrLike('10.1.110.104/29')(text);
  const range = parseRange(text);
  if (range) return unusableFault(text, range, example);
  const [from, to, ...more] = text.split('-').map((end) => parseAddress(end.trim()));
  if (from !== undefined && to !== undefined && more.length === 0) {
    return {
      message: `${text} runs backwards`,
      rule: 'the first address of a range is not above the last',
      right: `did you mean ${formatAddress(to)}-${formatAddress(from)}?`,
    };
  }
  if (from !== undefined && !text.includes('-')) {
    return { message: `${text} has no prefix`, rule, right: `did you mean ${formatAddress(from)}/32?` };
  }
  return { message: `${show(text)} is not a range`, rule, right: example };
};

/** A unicast Ethernet address: `00:50:56:93:1c:47`. */
export const macFault: Check<string> = (text) => {
  const example = 'six pairs of hex digits, such as 00:50:56:93:1c:47';
  const rule = 'a MAC is six pairs of hex digits with colons between';
  const digits = text.replace(/[-:.]/g, '').toLowerCase();
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    const guess = /^[0-9a-f]{12}$/.test(digits) ? digits.match(/../g)?.join(':') : undefined;
    return {
      message: `${show(text)} is not a MAC`,
      rule,
      right: guess && macFault(guess) === undefined ? `did you mean "${guess}"?` : example,
    };
  }
  const first = Number.parseInt(digits.slice(0, 2), 16);
  if (digits === '000000000000') {
    return {
      message: `${text} is not the MAC of an interface`,
      rule: 'a MAC is not all zeros',
      right: example,
    };
  }
  if ((first & 1) === 0) return undefined;
  const cleared = (first & 0xfe).toString(16).padStart(2, '0');
  return {
    message: `${text} is a multicast MAC`,
    rule: 'an interface has a unicast MAC: the lowest bit of the first byte is 0 (IEEE 802.3)',
    right: digits === 'ffffffffffff' ? example : `did you mean "${cleared}${text.slice(2)}"?`,
  };
};

/** The smallest block that holds `count` addresses and starts where `cidr` does, or near it. */
export function grown(cidr: Cidr, count: number): Cidr {
  return cidrOf(cidr.base, Math.min(cidr.prefix, prefixFor(count)));
}
