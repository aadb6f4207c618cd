import type { Packet } from './packet.ts';

/*
 * A small model of netfilter's table filter, for tests: reads text as iptables-restore and ipset restore read it, and runs a
 * packet through the chain FORWARD. It knows nothing of Felix; what it does not know it refuses.
 */

type Verdict = 'ACCEPT' | 'DROP';

interface Condition {
  readonly not: boolean;
  readonly test: (packet: Packet, mark: number) => boolean;
}

interface ParsedRule {
  readonly conditions: readonly Condition[];
  readonly jump?: string;
  readonly goto?: string;
  /** [value, mask] of `--set-mark`. */
  readonly mark?: readonly [number, number];
}

export class Interpreter {
  readonly #chains = new Map<string, ParsedRule[]>();
  readonly #sets = new Map<string, Set<string>>();

  /** @param sets members of the ip sets by name */
  constructor(restore: string, sets: ReadonlyMap<string, readonly string[]>) {
    for (const [name, members] of sets) this.#sets.set(name, new Set(members));
    for (const line of restore.split('\n')) {
      const chain = /^:(\S+) /.exec(line)?.[1];
      if (chain) this.#chains.set(chain, []);
      else if (line.startsWith('-')) this.#add(line);
    }
  }

  #add(line: string): void {
    const words = line.match(/"[^"]*"|\S+/g) ?? [];
    const [operation, chain = ''] = words.splice(0, 2);
    const rules = this.#chains.get(chain) ?? [];
    this.#chains.set(chain, rules);
    const rule = this.#parse(words, line);
    if (operation === '-I') rules.unshift(rule);
    else if (operation === '-A') rules.push(rule);
    else throw new Error(`unknown operation in ${line}`);
  }

  /** What becomes of the packet at the hook FORWARD, whose policy is ACCEPT. */
  forward(packet: Packet): Verdict {
    const state = { mark: 0 };
    return this.#run('FORWARD', packet, state, 0) ?? 'ACCEPT';
  }

  /** @returns undefined when the chain returns to where it was called from */
  #run(chain: string, packet: Packet, state: { mark: number }, depth: number): Verdict | undefined {
    if (depth > 16) throw new Error(`chains run in a circle at ${chain}`);
    const rules = this.#chains.get(chain);
    if (!rules) throw new Error(`jump to ${chain}, which does not exist`);
    for (const rule of rules) {
      if (!rule.conditions.every(({ not, test }) => test(packet, state.mark) !== not)) continue;
      if (rule.mark) {
        const [value, mask] = rule.mark;
        // xt_MARK: clear the bits of the mask, then set those of the value.
        state.mark = ((state.mark & ~mask) | value) >>> 0;
        continue;
      }
      if (rule.goto !== undefined) return this.#run(rule.goto, packet, state, depth + 1);
      if (rule.jump === 'ACCEPT' || rule.jump === 'DROP') return rule.jump;
      if (rule.jump === 'RETURN') return undefined;
      const verdict = this.#run(rule.jump ?? '', packet, state, depth + 1);
      if (verdict) return verdict;
    }
    return undefined;
  }

  #parse(words: string[], line: string): ParsedRule {
    const conditions: Condition[] = [];
    const rule: { jump?: string; goto?: string; mark?: [number, number] } = {};
    let not = false;
    const take = () => {
      const word = words.shift();
      if (word === undefined) throw new Error(`${line} ends too early`);
      return word;
    };
    while (words.length > 0) {
      const word = take();
      if (word === '!') {
        not = true;
        continue;
      }
      if (word === '--jump') rule.jump = take();
      else if (word === '--goto') rule.goto = take();
      else if (word === '--set-mark') rule.mark = masked(take());
      else if (word === '--comment') take();
      else if (word === '-m') {
        const module = take();
        if (!KNOWN_MODULES.has(module)) throw new Error(`unknown match ${module} in ${line}`);
        // As in `-m set ! --match-set`: the negation stands behind the module's name.
      } else {
        conditions.push({ not, test: this.#condition(word, take, line) });
        not = false;
      }
    }
    return { conditions, ...rule };
  }

  #condition(option: string, take: () => string, line: string): Condition['test'] {
    const value = take();
    switch (option) {
      case '-p':
        return ({ protocol }) => protocol === value || PROTOCOL_NUMBERS[protocol] === Number(value);
      case '--source':
        return ({ source }) => contains(value, source);
      case '--destination':
        return ({ destination }) => contains(value, destination);
      case '--in-interface':
        return (packet) => named(value, packet.in);
      case '--out-interface':
        return (packet) => named(value, packet.out);
      case '--mark': {
        const [bits, mask] = masked(value);
        return (_, mark) => (mark & mask) >>> 0 === bits;
      }
      case '--ctstate':
        return () => value.split(',').includes('NEW');
      case '--destination-ports':
        return ({ port }) => listed(value, port, line);
      case '--match-set':
        return this.#inSet(value, take(), line);
      default:
        throw new Error(`unknown option ${option} in ${line}`);
    }
  }

  #inSet(name: string, flags: string, line: string): Condition['test'] {
    const set = this.#sets.get(name);
    if (!set) throw new Error(`no set ${name} for ${line}`);
    if (flags === 'dst,dst')
      return ({ destination, protocol, port }) => set.has(`${destination},${protocol}:${port}`);
    return (packet) => {
      const address = flags === 'src' ? packet.source : packet.destination;
      return [...set].some((member) => contains(member.includes('/') ? member : `${member}/32`, address));
    };
  }
}

const KNOWN_MODULES = new Set(['comment', 'mark', 'conntrack', 'multiport', 'set', 'addrtype']);
const PROTOCOL_NUMBERS: Record<string, number> = { tcp: 6, udp: 17, sctp: 132 };

function masked(text: string): [number, number] {
  const [value = '0', mask = '0xffffffff'] = text.split('/');
  return [Number(value), Number(mask)];
}

const named = (pattern: string, name: string): boolean =>
  pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

const number = (address: string): number =>
  address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

function contains(network: string, address: string): boolean {
  const [base = '', length = '32'] = network.split('/');
  const size = 2 ** (32 - Number(length));
  return Math.floor(number(base) / size) === Math.floor(number(address) / size);
}

function listed(list: string, port: number, line: string): boolean {
  const ranges = list.split(',').map((part) => part.split(':').map(Number));
  if (ranges.flat().length > 15) throw new Error(`multiport takes 15 ports at most: ${line}`);
  return ranges.some(([first = 0, last = first]) => first <= port && port <= last);
}
