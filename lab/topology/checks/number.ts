import { type Check, show } from '../fault.ts';

/** A whole number from `min` to `max`, both included. */
export function integerFault(what: string, min: number, max: number, example: number): Check<number> {
  return (value) => {
    if (Number.isInteger(value) && value >= min && value <= max) return undefined;
    const problem = !Number.isInteger(value)
      ? 'is not a whole number'
      : value < min
        ? 'is too small'
        : 'is too large';
    return {
      message: `${show(value)} ${problem}`,
      rule: `${what} is a whole number from ${min} to ${max}`,
      right: `for instance ${example}`,
    };
  };
}

/** RFC 791: every host must take datagrams of 68 bytes; 65535 is the longest one there is. */
export const mtuFault = integerFault('an MTU (in bytes)', 68, 65535, 1500);

/** Calico takes blocks from /20 to /32. */
export const blockSizeFault = integerFault('a block size (a prefix length)', 20, 32, 26);

/** RFC 4271 §4.2: the hold time is two bytes. */
export const keepaliveFault = integerFault('the keepalive time (in seconds)', 1, 21845, 5);
export const holdTimeFault = integerFault('the hold time (in seconds)', 3, 65535, 15);
export const graceFault = integerFault('the grace period (in seconds)', 1, 3600, 40);
export const periodFault = integerFault('a period', 0, 86_400, 30);
/** The API server's `--service-node-port-range`. */
export const nodePortFault = integerFault('a node port', 30000, 32767, 30080);
export const countFault = integerFault('the load-balancer count', 0, 65536, 3);

const AS_RESERVED = new Map([
  [23456, 'AS_TRANS, which stands for numbers of four bytes (RFC 6793)'],
  [65535, 'reserved (RFC 7300)'],
  [4294967295, 'reserved (RFC 7300)'],
]);

/** RFC 6793 (four bytes), without the reserved ones; private use is 64512-65534 (RFC 6996). */
export const asNumberFault: Check<number> = (value) => {
  const range = integerFault('an AS number', 1, 4294967295, 64512)(value);
  const reserved = AS_RESERVED.get(value);
  if (range || reserved === undefined) return range;
  return {
    message: `${value} is a reserved AS number`,
    rule: `${value} is ${reserved}`,
    right: 'a private one: 64512 to 65534',
  };
};
