import { isIP } from 'node:net';
import { absolute } from '../wire/index.ts';
import type { Endpoint } from './config.ts';
import { CorefileError } from './corefile-error.ts';
import type { Directive } from './parse.ts';

/** A directive together with what an error about it must tell. */
export interface Context {
  readonly file: string;
  readonly plugin: string;
}

export const problem = ({ file, plugin }: Context, { line }: Directive, text: string): CorefileError =>
  new CorefileError(file, line, text, plugin);

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Go's durations, e.g. `5s`, `1m30s`. @returns milliseconds */
export function readDuration(context: Context, directive: Directive, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw problem(context, directive, `invalid duration ${JSON.stringify(text)}`);
  }
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (UNITS_MS[unit ?? ''] ?? 0), 0);
}

/** A whole number within bounds. */
export function readNumber(
  context: Context,
  directive: Directive,
  text: string | undefined,
  [least, most]: readonly [number, number],
): number {
  if (text === undefined) throw problem(context, directive, 'Wrong argument count or unexpected line ending');
  if (!/^\d{1,9}$/.test(text) || Number(text) < least || Number(text) > most) {
    throw problem(
      context,
      directive,
      `${JSON.stringify(text)} must be a number in range [${least}, ${most}]`,
    );
  }
  return Number(text);
}

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`. */
export function readEndpoint(context: Context, directive: Directive, text: string): Endpoint {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  if (port === undefined || Number(port) > 65_535 || (host !== '' && isIP(host) === 0)) {
    throw problem(context, directive, `${JSON.stringify(text)} is not an address with a port`);
  }
  return { host: host === '' ? '0.0.0.0' : host, port: Number(port) };
}

/**
 * A zone as Corefiles name it: a domain, or a network whose reverse zone is meant (`10.96.0.0/16`).
 *
 * @returns absolute and in lower case
 */
export function readZone(context: Context, directive: Directive, text: string): string {
  const [, network, bits] = /^(\d+\.\d+\.\d+\.\d+)\/(8|16|24|32)$/.exec(text) ?? [];
  if (network !== undefined) {
    const octets = network.split('.').slice(0, Number(bits) / 8);
    return `${octets.reverse().join('.')}.in-addr.arpa.`;
  }
  const labels = text === '.' ? [] : absolute(text).slice(0, -1).split('.');
  if (labels.some((label) => !/^[\w-]{1,63}$/.test(label)) || text.length > 254) {
    throw problem(context, directive, `${JSON.stringify(text)} is not a zone`);
  }
  return absolute(text).toLowerCase();
}

/** Exactly so many arguments (or within bounds). */
export function expectArgs(
  context: Context,
  directive: Directive,
  least: number,
  most = least,
): readonly string[] {
  const { args } = directive;
  if (args.length < least || args.length > most) {
    throw problem(context, directive, 'Wrong argument count or unexpected line ending');
  }
  return args;
}
