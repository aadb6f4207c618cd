import type { FakeTables } from './tables.fixture.ts';

/** The first packet of a connection. */
export interface Packet {
  readonly from: 'pod' | 'node' | 'outside';
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly protocol: string;
  /** Lists of xt_recent that have the source. */
  readonly remembered?: ReadonlySet<string>;
}

/** Where it ends, and how likely that is. */
export interface Outcome {
  readonly probability: number;
  readonly verdict: 'delivered' | 'DROP' | 'REJECT';
  /** `address:port` after translation; undefined where the destination was left as it is. */
  readonly target?: string | undefined;
  readonly masqueraded: boolean;
  readonly remembered: readonly string[];
}

interface State extends Packet {
  readonly probability: number;
  readonly mark: number;
  readonly translated: boolean;
  readonly masqueraded: boolean;
  readonly added: readonly string[];
}
type Step = State & { readonly verdict?: string };

/**
 * Sends a packet through the rules as netfilter would: nat PREROUTING (or OUTPUT), routing, filter, nat POSTROUTING. Where
 * chance decides, it goes all ways.
 *
 * @param isLocal the node's own addresses
 * @throws Error for any match or target that it does not know, so that nothing is passed over
 */
export function walk(tables: FakeTables, packet: Packet, isLocal: (address: string) => boolean): Outcome[] {
  const start: Step = {
    ...packet,
    probability: 1,
    mark: 0,
    translated: false,
    masqueraded: false,
    added: [],
  };
  let steps: Step[] = [start];
  const pass = (table: string, chain: string, where: (step: Step) => boolean = () => true) => {
    steps = steps.flatMap((step) => {
      if (step.verdict === 'DROP' || step.verdict === 'REJECT' || !where(step)) return [step];
      return runChain(tables, table, chain, { ...step, verdict: undefined } as unknown as Step, isLocal);
    });
  };
  pass('nat', packet.from === 'node' ? 'OUTPUT' : 'PREROUTING');
  if (packet.from === 'node') pass('filter', 'OUTPUT');
  // What the node sends to itself comes in again, over the loopback.
  pass('filter', 'INPUT', (step) => isLocal(step.destination));
  if (packet.from !== 'node') pass('filter', 'FORWARD', (step) => !isLocal(step.destination));
  pass('nat', 'POSTROUTING', (step) => packet.from === 'node' || !isLocal(step.destination));
  return steps.map((step) => ({
    probability: step.probability,
    verdict: step.verdict === 'DROP' || step.verdict === 'REJECT' ? step.verdict : 'delivered',
    target: step.translated ? `${step.destination}:${step.port}` : undefined,
    masqueraded: step.masqueraded,
    remembered: step.added,
  }));
}

function runChain(
  tables: FakeTables,
  table: string,
  chain: string,
  start: Step,
  isLocal: (address: string) => boolean,
): Step[] {
  let going: Step[] = [start];
  const done: Step[] = [];
  for (const rule of tables.rules(table, chain)) {
    const next: Step[] = [];
    for (const step of going) {
      const { options, target } = parse(rule);
      const chance = matches(options, step, isLocal);
      if (chance === 0) {
        next.push(step);
        continue;
      }
      if (chance < 1) next.push({ ...step, probability: step.probability * (1 - chance) });
      const hit = apply({ ...step, probability: step.probability * chance }, options, target);
      if (hit.verdict === undefined && target && tables.chains(table).has(target.name)) {
        for (const after of runChain(tables, table, target.name, hit, isLocal)) {
          (after.verdict === undefined ? next : done).push(after);
        }
      } else (hit.verdict === undefined ? next : done).push(hit);
    }
    going = next;
  }
  // RETURN ends this chain only.
  const back = done.map((step) => (step.verdict === 'RETURN' ? withoutVerdict(step) : step));
  return [...back, ...going];
}

function withoutVerdict({ verdict: _, ...step }: Step): Step {
  return step;
}

interface Option {
  readonly name: string;
  readonly negated: boolean;
  readonly value: string;
}
interface Target {
  readonly name: string;
  readonly options: readonly Option[];
}

interface Rule {
  readonly options: readonly Option[];
  readonly target: Target | undefined;
}
const parsed = new Map<string, Rule>();

function parse(rule: string): Rule {
  const found = parsed.get(rule) ?? parseAnew(rule);
  parsed.set(rule, found);
  return found;
}

function parseAnew(rule: string): Rule {
  const words = rule.match(/"[^"]*"|\S+/g)?.slice(2) ?? [];
  const options: Option[] = [];
  let negated = false;
  for (const word of words) {
    const last = options.at(-1);
    if (word === '!') negated = true;
    else if (/^--?[a-z]/.test(word)) {
      options.push({ name: word, negated, value: '' });
      negated = false;
    } else if (last) options[options.length - 1] = { ...last, value: `${last.value} ${word}`.trim() };
  }
  const at = options.findIndex(({ name }) => name === '-j');
  if (at === -1) return { options, target: undefined };
  return {
    options: options.slice(0, at),
    target: { name: options[at]?.value ?? '', options: options.slice(at + 1) },
  };
}

const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function inNetwork(address: string, network: string): boolean {
  const [base = '', length = ''] = network.split('/');
  const size = 2 ** (32 - Number(length));
  return Math.floor(number(address) / size) === Math.floor(number(base) / size);
}

/** How likely the packet matches: 0, 1, or what xt_statistic says. */
function matches(options: readonly Option[], step: Step, isLocal: (address: string) => boolean): number {
  let chance = 1;
  const value = (name: string) => options.find((option) => option.name === name)?.value ?? '';
  for (const { name, negated, value: text } of options) {
    const holds = (): boolean => {
      switch (name) {
        case '-s':
          return inNetwork(step.source, text);
        case '-d':
          return inNetwork(step.destination, text);
        case '-p':
          return step.protocol === text;
        case '--dport':
          return step.port === Number(text);
        case '--dst-type':
          return isLocal(step.destination);
        case '--src-type':
          return isLocal(step.source);
        // Pods' veth ends are no ports of a bridge.
        case '--physdev-is-in':
          return false;
        case '--ctstate':
          return text.split(',').some((state) => state === 'NEW' || (state === 'DNAT' && step.translated));
        case '--mark': {
          const [wanted = '', mask = ''] = text.split('/');
          return (step.mark & Number(mask)) >>> 0 === Number(wanted);
        }
        case '--rcheck':
          return (step.remembered ?? new Set()).has(value('--name'));
        case '-m':
        case '--comment':
        case '--mode':
        case '--seconds':
        case '--reap':
        case '--name':
        case '--mask':
        case '--rsource':
        case '--set':
          return true;
        case '--probability':
          chance = Number(text);
          return true;
        default:
          throw new Error(`the model does not know ${name}`);
      }
    };
    if (holds() === negated) return 0;
  }
  return chance;
}

function apply(step: Step, options: readonly Option[], target: Target | undefined): Step {
  const added = options.some(({ name }) => name === '--set')
    ? [...step.added, options.find(({ name }) => name === '--name')?.value ?? '']
    : step.added;
  const now = { ...step, added };
  const option = (name: string) => target?.options.find((one) => one.name === name)?.value ?? '';
  switch (target?.name) {
    case undefined:
      return now;
    case 'ACCEPT':
    case 'DROP':
    case 'REJECT':
    case 'RETURN':
      return { ...now, verdict: target.name };
    case 'MARK': {
      const [value = '', mask = ''] = option('--set-xmark').split('/');
      return { ...now, mark: ((now.mark & ~Number(mask)) ^ Number(value)) >>> 0 };
    }
    case 'DNAT': {
      const [destination = '', port = ''] = option('--to-destination').split(':');
      return { ...now, destination, port: Number(port), translated: true, verdict: 'ACCEPT' };
    }
    case 'MASQUERADE':
      return { ...now, masqueraded: true, verdict: 'ACCEPT' };
    default:
      if (!target?.name.startsWith('KUBE-'))
        throw new Error(`the model does not know the target ${target?.name}`);
      return now;
  }
}
