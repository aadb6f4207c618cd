import {
  contains,
  holds,
  KUBECTL,
  matches,
  not,
  rows,
  type Story,
  scenario,
} from '../../lab/scenario/index.ts';

const NODE = 'iks-networking-example-cl-iks-networ-ac625d72ba';
/** Ordinals of the free addresses of worker2's block, the next one first. */
const FREE = `get ipamblocks 192-168-8-192-26 -o jsonpath='{.spec.unallocated}'`;
const ordinals = (text: string): number[] => JSON.parse(text);
const ordinalOf = (address: string): number => Number(address.split('.')[3]) - 192;

const runs = (s: Story, sentence: string, pod: string) =>
  s.step(sentence, {
    on: KUBECTL,
    run: `wait pod ${pod} --for=condition=Ready --timeout=60s`,
    timeoutMs: 70_000,
    see: contains(`pod/${pod} condition met`),
  });

export default scenario({
  title: 'Which address does a pod get?',
  chapter: 'pods',
  figures: ['13', '16'],
  source: "Calico's IPAM: blocks, block affinities, reservations",
  about: `A node claims a block of 64 addresses and gives them to its pods itself, so that two nodes never have to ask each
other, and one route per node is enough. Within the block the address that has been free for longest is next. A pod may ask
for one by an annotation; that is how the pods of the white paper have the addresses of its figures here.`,
  async story(s) {
    await s.step('Each node has claimed a block (Figure 13 shows the routes to them)', {
      on: KUBECTL,
      run: 'get blockaffinities -o custom-columns=NODE:.spec.node,BLOCK:.spec.cidr,STATE:.spec.state',
      see: rows({ NODE, BLOCK: '192.168.8.192/26', STATE: 'confirmed' }),
    });
    await s.step('Its first address is that of the tunnel', {
      on: 'worker2',
      run: 'ip -4 -o addr show tunl0',
      see: contains('inet 192.168.8.192/32'),
    });

    await s.apply('A pod that asks for nothing', './addresses.yaml');
    await runs(s, 'It runs', 'any');
    const first = await s.step('and has an address of the block', {
      on: KUBECTL,
      run: "get pod any -o jsonpath='{.status.podIP}'",
      see: matches(/^192\.168\.8\.\d+$/),
    });
    const address = first.pick(/^192\.168\.8\.\d+$/);
    await s.step('which is not among the free ones any more', {
      on: KUBECTL,
      run: FREE,
      see: holds(
        `a list without ${ordinalOf(address)}`,
        ({ stdout }) => !ordinals(stdout).includes(ordinalOf(address)),
      ),
    });
    await s.remove('The pod goes', './addresses.yaml');
    await s.step(
      'Its address comes last in the queue: who still sends there should find nobody, not a stranger',
      {
        on: KUBECTL,
        run: FREE,
        see: holds(
          `a list that ends in ${ordinalOf(address)}`,
          ({ stdout }) => ordinals(stdout).at(-1) === ordinalOf(address),
        ),
        within: 10_000,
        until: { watch: 'get ipamblocks -w' },
      },
    );
    await s.apply('So the same pod once more', './addresses.yaml');
    await runs(s, 'runs again', 'any');
    await s.step('with another address', {
      on: KUBECTL,
      run: "get pod any -o jsonpath='{.status.podIP}'",
      see: [matches(/^192\.168\.8\.\d+$/), not(matches(new RegExp(`^${address.replaceAll('.', '\\.')}$`)))],
    });

    s.note(
      'The pods of the figures ask for their addresses. Nobody else may have them by chance, so the topology reserves them.',
    );
    await s.step('Reserved: 192.168.8.222 and .223 are in no pod, and not given to any that does not ask', {
      on: KUBECTL,
      run: "get ipreservations topology -o jsonpath='{.spec.reservedCIDRs}'",
      see: contains('"192.168.8.222/31"'),
    });
    await s.apply('Two pods that ask, one for an address that is somebody’s', './addresses-asked.yaml');
    await runs(s, 'The other runs', 'asks');
    await s.step('with the address that it asked for', {
      on: KUBECTL,
      run: "get pod asks -o jsonpath='{.metadata.annotations.cni\\.projectcalico\\.org/ipAddrs} {.status.podIP}'",
      see: matches(/^\["192\.168\.8\.223"\] 192\.168\.8\.223$/),
    });
    await s.step(
      'The one that asked for the address of frontend-2 (Figure 16) has to wait, and is told for whom',
      {
        on: KUBECTL,
        run: 'describe pod asks-in-vain',
        see: matches(
          /FailedCreatePodSandBox .*address 192\.168\.8\.250 is already in use by pod default\/frontend-2/,
        ),
        within: 20_000,
        until: { watch: 'get events -w' },
      },
    );
  },
});
