import { equals, matches, scenario } from '../../lab/scenario/index.ts';
import { places, rules, whoReachesWhom } from './shop.part.ts';

export default scenario({
  title: 'Allowed by namespace: "and" is a dash less than "or"',
  chapter: 'policy',
  source: 'Network Policies in the Kubernetes documentation: behaviour of to and from selectors',
  about: `A namespaceSelector allows all pods of the namespaces with that label. Beside a podSelector in one entry both must
hold; in two entries either is enough. And a podSelector alone looks only into the namespace of the policy.`,
  manifests: ['./namespaces.yaml', './default-deny.yaml'],
  pods: ['./pods.yaml'],
  async story(s) {
    const all = await places(s);
    const open = (...pairs: string[]) => {
      const inShop = new Set(pairs.map((pair) => pair.replace(/^(\S+) /, '$1 shop/')));
      return (from: string, to: string): boolean => !to.startsWith('shop/') || inShop.has(`${from} ${to}`);
    };
    await s.apply(
      'The frontend is for all who come from a namespace with team: guest',
      './allow-namespace.yaml',
    );
    await rules(
      s,
      'worker1 has the rule',
      'worker1',
      'iptables -S | grep cali-pi-',
      matches(/--match-set cali40s:\S+ src -j MARK --set-xmark 0x10000\/0x10000$/),
    );
    await rules(
      s,
      'and worker2 the isolation',
      'worker2',
      'iptables -S | grep cali-tw-',
      matches(/-j cali-pi-/),
    );
    await whoReachesWhom(
      s,
      'The guest reaches the frontend; the shop, whose label is another, does not',
      all,
      open('guest/visitor frontend'),
    );
    await s.remove('Take it back', './allow-namespace.yaml');
    await rules(
      s,
      'No rule asks for a sender now',
      'worker1',
      'iptables -S | grep -c -- --match-set.cali40s || true',
      equals('0'),
    );
    await s.apply(
      'The backend: team shop and role frontend. The database: team guest, or role backend',
      './allow-both.yaml',
    );
    const sets = (count: number) =>
      matches(
        new RegExp(`(--match-set cali40s:\\S+ src -j MARK --set-xmark 0x10000/0x10000[\\s\\S]*){${count}}`),
        `${count} rules that ask for a set of senders`,
      );
    await rules(s, 'One rule for "and"', 'worker1', 'iptables -S | grep -- "-A cali-pi-"', sets(1));
    await rules(s, 'two for "or"', 'worker2', 'iptables -S | grep -- "-A cali-pi-"', sets(2));
    await whoReachesWhom(
      s,
      'The visitor reaches the database, and not the backend',
      all,
      open('shop/frontend backend', 'shop/backend db', 'guest/visitor db'),
    );
  },
});
