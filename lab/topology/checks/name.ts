import { type Check, show } from '../fault.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** The nearest name that keeps the rule, for "did you mean". */
function repaired(text: string, dots: boolean): string | undefined {
  const kept = text
    .toLowerCase()
    .replace(dots ? /[^-a-z0-9.]+/g : /[^-a-z0-9]+/g, '-')
    .split('.')
    .map((label) => label.replace(/^-+|-+$/g, ''))
    .filter(Boolean)
    .join('.');
  return kept && kept !== text ? kept : undefined;
}

/** A DNS label (RFC 1123) of at most `max` letters: names of labs, networks, containers. */
export function labelFault(what: string, max: number, example: string): Check<string> {
  return (text) => {
    const rule = `${what} is a DNS label (RFC 1123): a-z, 0-9 and "-", starting and ending with a letter or digit`;
    if (!LABEL.test(text)) {
      const guess = repaired(text, false)?.slice(0, max).replace(/-+$/, '');
      const right = guess && LABEL.test(guess) ? `did you mean ${guess}?` : `a name such as ${example}`;
      return { message: `${show(text)} is not a valid name`, rule, right };
    }
    if (text.length <= max) return undefined;
    return {
      message: `${show(text)} has ${text.length} characters`,
      rule: `${what} has at most ${max} characters`,
      right: `a shorter name, such as ${example}`,
    };
  };
}

/** Containers are called `hoplab-LAB-MACHINE`, and that has to stay within a DNS label of 63. */
export const labNameFault = labelFault('the name of a lab', 24, 'iks');
export const networkNameFault = labelFault('the name of a network', 31, 'nodes');
export const machineNameFault = labelFault('the name of a node, host or router', 63, 'worker1');
export const poolNameFault = labelFault('the name of a pool', 63, 'auto-assign-pool');

/** A DNS name (RFC 1123 subdomain, as Kubernetes' node names): labels of at most 63, 253 in all. */
export function dnsNameFault(what: string, example: string): Check<string> {
  return (text) => {
    if (text.length > 253) {
      return {
        message: `${show(text)} has ${text.length} characters`,
        rule: `${what} has at most 253 characters`,
        right: `a shorter name, such as ${example}`,
      };
    }
    const labels = text.split('.');
    if (labels.every((label) => LABEL.test(label) && label.length <= 63)) return undefined;
    const long = labels.find((label) => label.length > 63 && LABEL.test(label));
    const guess = long ? undefined : repaired(text, true);
    return {
      message: long ? `${show(long)} has ${long.length} characters` : `${show(text)} is not a DNS name`,
      rule: long
        ? `each part between the dots of ${what} has at most 63 characters`
        : `${what} is a DNS name (RFC 1123): a-z, 0-9, "-" and ".", each part starting and ending with a letter or digit`,
      right: guess ? `did you mean ${guess}?` : `a name such as ${example}`,
    };
  };
}

export const nodeNameFault = dnsNameFault('a Kubernetes node name', 'worker1.lab.example');
export const dnsRecordFault = dnsNameFault('a name of a DNS server', 'www.example.com');
export const domainFault = dnsNameFault('a domain', 'cluster.local');

const RESERVED: readonly [RegExp, string][] = [
  [/^lo$/, 'lo is the loopback interface'],
  [/^tunl0$/, 'tunl0 is the IPIP tunnel'],
  [/^cali/, 'cali... are the host ends of pods'],
  // /proc/sys/net/ipv4/conf/all and /default would be taken for the interface.
  [/^(all|default)$/, 'the kernel has settings of that name for all interfaces'],
];

/** The kernel's dev_valid_name(): at most 15 bytes (IFNAMSIZ - 1), no "/", ":" or white space. */
export const interfaceNameFault: Check<string> = (text) => {
  const right = 'a name such as ens192';
  const rule = 'the name of an interface has 1 to 15 characters: letters, digits, ".", "_" and "-"';
  if (text.length > 15) {
    return { message: `${show(text)} has ${text.length} characters`, rule, right };
  }
  if (!/^[A-Za-z0-9._-]+$/.test(text) || text === '.' || text === '..') {
    return { message: `${show(text)} is not the name of an interface`, rule, right };
  }
  const reserved = RESERVED.find(([pattern]) => pattern.test(text));
  if (!reserved) return undefined;
  return { message: `${text} is a reserved name`, rule: reserved[1], right };
};
