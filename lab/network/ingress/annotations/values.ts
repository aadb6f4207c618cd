import ipaddr from 'ipaddr.js';

// Readers of annotation values. Each throws an Error whose message says what was expected; none lets a character through
// that its place in nginx.conf has no use for.

/** nginx reads tokens of at most one 4096-byte buffer. */
const MAX_LENGTH = 1024;
const HOST = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
const CONTROL = /[\p{Control}\p{Surrogate}\u2028\u2029]/u;

const shown = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** Text of one line. @throws Error */
export function line(text: string): string {
  if (CONTROL.test(text)) throw new Error(`${shown(text)} contains control characters`);
  if (text.length > MAX_LENGTH) throw new Error(`is longer than ${MAX_LENGTH} characters`);
  return text;
}

/** As strconv.ParseBool. */
export function bool(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new Error(`${shown(text)} is neither "true" nor "false"`);
}

export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new Error(`${shown(text)} is not a whole number between ${min} and ${max}`);
    }
    return value;
  };
}

/** Seconds: a number, with or without the unit `s`. */
export const seconds = (text: string): number => integer(1, 86_400)(text.replace(/s$/, ''));

/** nginx's size, e.g. `8m`. */
export function size(text: string): string {
  if (!/^\d{1,10}[kKmMgG]?$/.test(text)) throw new Error(`${shown(text)} is not a size such as 8m`);
  return text.toLowerCase();
}

/** A name of a host. */
export function host(text: string): string {
  if (!HOST.test(text)) throw new Error(`${shown(text)} is not a host name`);
  return text;
}

export function list<T>(item: (text: string) => T): (text: string) => T[] {
  return (text) => {
    const parts = text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean);
    if (parts.length === 0) throw new Error('is empty');
    return parts.map(item);
  };
}

/** A CIDR or an address, as nginx's `allow` takes it. */
export function cidr(text: string): string {
  const [address = '', bits, ...rest] = text.split('/');
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address);
  const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && ipaddr.isValidCIDR(text));
  if (!isAddress || address.includes('%') || !isPrefix || rest.length > 0) {
    throw new Error(`${shown(text)} is not a CIDR such as 10.0.0.0/8`);
  }
  return text;
}

/** A token of RFC 9110: names of headers and cookies. */
export function token(text: string): string {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(text)) throw new Error(`${shown(text)} is not a name`);
  return text;
}

export function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value.toLowerCase() === text.toLowerCase());
    if (found === undefined) throw new Error(`${shown(text)} is none of ${values.join(', ')}`);
    return found;
  };
}

/** A path without variables. */
export function path(text: string): string {
  line(text);
  if (!text.startsWith('/')) throw new Error(`${shown(text)} does not begin with /`);
  if (/[\s$"'\\;{}]/.test(text)) throw new Error(`${shown(text)} contains characters that no path has`);
  return text;
}

/** A path, or URL, in which `$1` to `$9` stand for the path's groups; no other variable is let through. */
export function rewriteTarget(text: string): string {
  line(text);
  if (!/^(\/|https?:\/\/)/.test(text)) throw new Error(`${shown(text)} does not begin with /`);
  if (/\$(?![1-9](?!\d))/.test(text)) throw new Error(`${shown(text)}: only $1 to $9 can be used`);
  if (/[\s"'\\;{}]/.test(text)) throw new Error(`${shown(text)} contains characters that no path has`);
  return text;
}

/** Where a redirect leads: an absolute URL or a path. */
export function url(text: string): string {
  line(text);
  if (!/^(https?:\/\/[^/]|\/)/.test(text)) throw new Error(`${shown(text)} is not a URL`);
  if (/[\s$"'\\;{}<>]/.test(text)) throw new Error(`${shown(text)} contains characters that no URL has`);
  return text;
}

/** `*`, or scheme and host with at most one leading wildcard label. */
export function origin(text: string): string {
  if (text === '*') return text;
  if (!/^[a-z][a-z0-9+-]*:\/\/(\*\.)?[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?(:\d{1,5})?$/.test(text)) {
    throw new Error(`${shown(text)} is not an origin such as https://example.com`);
  }
  return text;
}

/** Names separated by commas, as in Access-Control-Allow-Methods. */
export function names(text: string): string {
  if (
    !/^[A-Za-z0-9_*-]+(\s*,\s*[A-Za-z0-9_*-]+)*$/.test(text) ||
    text.length > MAX_LENGTH ||
    CONTROL.test(text)
  ) {
    throw new Error(`${shown(text)} is not a list of names`);
  }
  return text;
}

/** A regular expression that can be taken over into a place for one: no names of groups (they would set variables), no verbs. */
export function regex(text: string): string {
  line(text);
  if (/\(\?(P?<(?![=!])|P[=>]|')/.test(text)) throw new Error(`${shown(text)}: groups cannot have names`);
  if (/\(\*/.test(text)) throw new Error(`${shown(text)}: no verbs`);
  if (/\(\?(#|[CR&0-9])/.test(text)) throw new Error(`${shown(text)}: no call-outs and no recursion`);
  try {
    new RegExp(text);
  } catch (error) {
    // What only PCRE knows is left to nginx.
    const isPerls = /\(\?[a-z-]+[:)]|\(\?>|\(\?\||[*+?}]\+|\[\[:/.test(text);
    if (!isPerls) throw new Error(`${shown(text)} is not a regular expression: ${(error as Error).message}`);
  }
  return text;
}
