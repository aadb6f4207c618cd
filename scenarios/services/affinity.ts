import { contains, exitCode, holds, matches, scenario } from '../../lab/scenario/index.ts';

const CLIENTS = Array.from({ length: 20 }, (_, index) => `10.1.0.${101 + index}`);
const FIRST = 101;
const LAST = 120;
/** One line per client: its address and the pods that answered. */
const ask = (times: number): string =>
  `for i in $(seq ${FIRST} ${LAST}); do echo 10.1.0.$i $(curl -s --max-time 5 -H 'Connection: close' --interface 10.1.0.$i 'http://10.1.110.102:32227/?[1-${times}]' | cut -d ' ' -f 1); done`;

export default scenario({
  title: 'Session affinity: the same client, the same pod',
  chapter: 'services',
  source: 'sessionAffinity of a service; the recent module of iptables',
  about: `Without more, each connection of a client may reach another pod. With sessionAffinity ClientIP the node remembers
which pod a client's address had, and sends it there again, as long as it does not stay silent for longer than the time-out.
Here that is three seconds; it is three hours unless told. Twenty addresses of the client take the part of twenty clients.`,
  manifests: ['./affinity.yaml'],
  async story(s) {
    const jump = await s.step('The chain of the service', {
      on: 'worker1',
      run: 'iptables -t nat -S KUBE-SERVICES | grep default/sticky',
      see: matches(/-j KUBE-SVC-[A-Z2-7]{16}$/, 'a jump to KUBE-SVC-…'),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    const chain = jump.pick(/-j (KUBE-SVC-\S+)/);
    const rules = await s.step(
      'It asks for known clients first, in a list per pod; only then it throws dice',
      {
        on: 'worker1',
        run: `iptables -t nat -S ${chain}`,
        see: holds(
          'three rules with "recent --rcheck --seconds 3", then the three of chance',
          ({ stdout }) => {
            const found = stdout.trim().split('\n').slice(1);
            const known =
              /-m recent --rcheck --seconds 3 --reap --name (KUBE-SEP-\S+) --mask 255\.255\.255\.255 --rsource -j \1$/;
            return (
              found.length === 6 &&
              found.slice(0, 3).every((line) => known.test(line)) &&
              found.slice(3).every((line) => !line.includes('recent'))
            );
          },
        ),
      },
    );
    const pods = [...new Set(rules.stdout.match(/KUBE-SEP-[A-Z2-7]{16}/g))];
    await s.step("The chain of a pod writes the client's address into its list, with the time", {
      on: 'worker1',
      run: `iptables -t nat -S ${pods[0]}`,
      see: matches(
        new RegExp(
          `-m recent --set --name ${pods[0]} --mask 255\\.255\\.255\\.255 --rsource -m tcp -j DNAT --to-destination 192\\.168\\.`,
        ),
        `recent --set --name ${pods[0]}, then DNAT`,
      ),
    });

    s.later('The addresses are taken away', {
      on: 'client',
      run: `for i in $(seq ${FIRST} ${LAST}); do ip addr del 10.1.0.$i/32 dev eth0; done`,
    });
    await s.act('Twenty addresses', {
      on: 'client',
      run: `for i in $(seq ${FIRST} ${LAST}); do ip addr replace 10.1.0.$i/32 dev eth0; done`,
    });
    const first = await s.step('Each asks worker1 three times, and has the same pod each time', {
      on: 'client',
      run: ask(3),
      see: holds('three times the same for each client, and not the same for all', ({ stdout }) => {
        const seen = answers(stdout);
        const fickle = [...seen].filter(([, list]) => list.length !== 3 || new Set(list).size !== 1);
        if (seen.size !== CLIENTS.length) return `${seen.size} clients had answers`;
        if (fickle.length > 0)
          return fickle.map(([client, list]) => `${client}: ${list.join(', ')}`).join('; ');
        return new Set([...seen.values()].flat()).size > 1 || 'one pod for all';
      }),
    });
    s.note('By chance alone three equal answers for all twenty would come once in 9^20 runs.');
    const before = answers(first.stdout);
    // Of those before it some may have been forgotten by now: each look at a list throws out its oldest entry if it is due.
    await s.step('In one of the lists of the node is the client that came last', {
      on: 'worker1',
      run: pods.map((pod) => `cat /proc/net/xt_recent/${pod}`).join('; '),
      see: contains(`src=10.1.0.${LAST} `),
    });

    await s.step('For longer than the time-out nobody asks', {
      on: 'worker1',
      run: 'timeout 4 tcpdump -n -c 1 -i ens192 dst port 32227',
      see: [contains('0 packets captured'), exitCode(124)],
    });
    await s.step('The node has forgotten them, and throws dice again: some have another pod now', {
      on: 'client',
      run: ask(1),
      see: holds('answers for all, and not all from the same pod as before', ({ stdout }) => {
        const after = answers(stdout);
        const changed = CLIENTS.filter((client) => after.get(client)?.[0] !== before.get(client)?.[0]);
        if (after.size !== CLIENTS.length) return `${after.size} clients had answers`;
        return changed.length > 0 || 'all went where they had been';
      }),
    });
    s.note(
      'That all twenty fall on their former pods by chance happens once in 3^20 runs, three thousand million.',
    );
  },
});

/** Client's address → names of the pods that answered it, in order. */
function answers(stdout: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, client = '', pods = ''] of stdout.matchAll(/^(\S+)((?: frontend-[123])+)$/gm)) {
    found.set(client, pods.trim().split(' '));
  }
  return found;
}
