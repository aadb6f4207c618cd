import { type From, KUBECTL, matches, type Seen, type Story } from '../../lab/scenario/index.ts';

/** A pod of pods.yaml, or a node, as one that asks and (a pod) is asked. */
export interface Place {
  readonly name: string;
  readonly node: string;
  readonly from: From;
  /** Of a pod; a node is only one that asks here. */
  readonly address?: string;
}

const NODES = [
  { name: 'worker1', address: '10.1.110.102', tunl0: '192.168.104.64' },
  { name: 'worker2', address: '10.1.110.107', tunl0: '192.168.8.192' },
];

/** The pods of pods.yaml with their addresses, and the two nodes that they are on. */
export async function places(s: Story): Promise<Place[]> {
  const found = await s.step('Three pods of a shop, and a guest', {
    on: KUBECTL,
    run: "get pods -A -l 'role in (frontend, backend, db, visitor)' -o custom-columns=NS:.metadata.namespace,NAME:.metadata.name,IP:.status.podIP",
    see: ['frontend', 'backend', 'db'].map((name) =>
      matches(new RegExp(`^shop\\s+${name}\\s+192\\.168\\.[\\d.]+$`)),
    ),
  });
  const pod = (namespace: string, name: string, node: string): Place => ({
    name: `${namespace}/${name}`,
    node,
    from: {
      name: `${namespace}/${name}`,
      on: node,
      enter: `nsenter -t $(nodectl pid ${namespace}/${name}) -n`,
    },
    address: found.pick(new RegExp(`^${namespace}\\s+${name}\\s+([\\d.]+)$`)),
  });
  return [
    pod('shop', 'frontend', 'worker1'),
    pod('shop', 'backend', 'worker1'),
    pod('shop', 'db', 'worker2'),
    pod('guest', 'visitor', 'worker2'),
    ...NODES.map(({ name }) => ({ name, node: name, from: { name, on: name } })),
  ];
}

/**
 * Asks every pod from every place, one pair after the other, and shows who was seen as whom.
 * @param allowed whether this one is to reach that one; a node always reaches its own pods
 */
export async function whoReachesWhom(
  s: Story,
  sentence: string,
  all: readonly Place[],
  allowed: (from: string, to: string) => boolean,
): Promise<void> {
  const net = s.connectivity();
  for (const from of all) {
    for (const { name, node, address } of all) {
      if (address === undefined || name === from.name) continue;
      const to = { name, address };
      const ownNode = from.address === undefined && from.node === node;
      if (ownNode || allowed(from.name, name)) net.some(from.from, to, seenAs(from, node));
      else net.none(from.from, to);
    }
  }
  await net.check(sentence);
}

/** No NAT between pods; a node takes tunl0's address into the tunnel, and into a cable that of another interface. */
function seenAs(from: Place, toNode: string): readonly string[] {
  if (from.address !== undefined) return [from.address];
  const node = NODES.find(({ name }) => name === from.node);
  if (!node) return [];
  return from.node === toNode ? [node.address, node.tunl0] : [node.tunl0];
}

/** The chain through which packets to a pod go (Felix: "to workload"). */
export async function toWorkload(s: Story, pod: string, node: string): Promise<string> {
  const [namespace, name] = pod.split('/');
  const seen = await s.step(`The cable of ${pod} is named after it`, {
    on: node,
    run: `printf ${namespace}.${name} | sha1sum | cut -c 1-11`,
    see: matches(/^[0-9a-f]{11}$/),
  });
  return `cali-tw-cali${seen.stdout.trim()}`;
}

/** Waits until Felix has changed the rules of a node: the kernel tells of each change. */
export function rules(
  s: Story,
  sentence: string,
  node: string,
  run: string,
  see: Parameters<Story['step']>[1]['see'],
): Promise<Seen> {
  return s.step(sentence, { on: node, run, see, within: 15_000, until: { watch: 'nft monitor rules' } });
}
