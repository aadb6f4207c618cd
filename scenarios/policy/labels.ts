import { contains, holds, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';
import { places, rules, toWorkload, whoReachesWhom } from './shop.part.ts';

const ALLOWED = ['shop/frontend shop/backend', 'shop/backend shop/db'];

export default scenario({
  title: 'Allowed by label: who may talk to the backend',
  chapter: 'policy',
  source: 'Network Policies in the Kubernetes documentation; the sets of Felix',
  about: `A policy names no addresses, it selects labels. Felix knows which pods have them, keeps their addresses in an
ipset, and changes the set, not the rules, when pods come, go, or are labelled anew.`,
  manifests: ['./namespaces.yaml', './default-deny.yaml'],
  pods: ['./pods.yaml'],
  async story(s) {
    const all = await places(s);
    const address = (name: string): string => all.find((place) => place.name === name)?.address ?? '';
    await rules(
      s,
      'The shop is shut',
      'worker2',
      'iptables -S | grep cali-tw-',
      matches(/^-A cali-tw-\w+ .*-j cali-pi-/),
    );
    await rules(
      s,
      'on both nodes',
      'worker1',
      'iptables -S | grep cali-tw-',
      matches(/^-A cali-tw-\w+ .*-j cali-pi-/),
    );
    await whoReachesWhom(s, 'Nobody reaches it', all, (_, to) => !to.startsWith('shop/'));

    await s.apply('The backend is for the frontend, the database for the backend', './allow-labels.yaml');
    const backend = await toWorkload(s, 'shop/backend', 'worker1');
    const chains = await rules(
      s,
      'A packet for the backend goes through both of its policies; what one accepts is accepted',
      'worker1',
      `iptables -S ${backend} | grep -o 'cali-pi-.*'`,
      holds('two policies', ({ stdout }) => stdout.trim().split('\n').length === 2),
    );
    const names = chains.stdout.trim().split('\n');
    const policy = await s.step(
      'One of them asks for the sender (src), and for address and port of the receiver',
      {
        on: 'worker1',
        run: `for chain in ${names.join(' ')}; do iptables -S $chain; done`,
        see: matches(
          /-p tcp .*--match-set cali40s:\S+ src .*--match-set cali40n:\S+ dst,dst -j MARK --set-xmark 0x10000\/0x10000$/,
        ),
      },
    );
    const senders = policy.pick(/--match-set (cali40s:\S+) src/);
    await s.step('The set of senders: the frontend', {
      on: 'worker1',
      run: `ipset list ${senders}`,
      see: matches(new RegExp(`^${quoted(address('shop/frontend'))}$`)),
    });
    await s.step('The port has a name in the policy, so this set has address and number', {
      on: 'worker1',
      run: `ipset list ${policy.pick(/--match-set (cali40n:\S+) dst,dst/)}`,
      see: matches(new RegExp(`^${quoted(address('shop/backend'))},tcp:80$`)),
    });
    await rules(
      s,
      'worker2 has the rule for the database',
      'worker2',
      'iptables -S | grep cali-pi-',
      matches(/-p tcp .*--match-set cali40s:\S+ src .*--dports 80 -j MARK --set-xmark 0x10000\/0x10000$/),
    );
    await whoReachesWhom(
      s,
      'Two pairs more than before',
      all,
      (from, to) => !to.startsWith('shop/') || ALLOWED.includes(`${from} ${to}`),
    );
    const port = s.connectivity();
    const frontend = all.find(({ name }) => name === 'shop/frontend');
    if (frontend) {
      port.some(
        frontend.from,
        { name: 'backend:80', address: `${address('shop/backend')}:80` },
        address('shop/frontend'),
      );
      port.none(frontend.from, { name: 'backend:8080', address: `${address('shop/backend')}:8080` });
    }
    await port.check('The port called http, and no other');

    await s.act('Give the frontend another label', {
      on: KUBECTL,
      run: 'label pod frontend -n shop role=retired --overwrite',
    });
    await s.step('and its address leaves the set', {
      on: 'worker1',
      run: `timeout 10 sh -c 'while ipset test ${senders} ${address('shop/frontend')} 2>/dev/null; do :; done' && ipset list ${senders}`,
      see: contains('Number of entries: 0'),
    });
    await whoReachesWhom(
      s,
      'It no longer reaches the backend',
      all,
      (from, to) => !to.startsWith('shop/') || `${from} ${to}` === 'shop/backend shop/db',
    );
    await s.act('Back', { on: KUBECTL, run: 'label pod frontend -n shop role=frontend --overwrite' });
    await s.step('and it is in the set again', {
      on: 'worker1',
      run: `timeout 10 sh -c 'until ipset test ${senders} ${address('shop/frontend')} 2>/dev/null; do :; done' && ipset list ${senders}`,
      see: contains('Number of entries: 1'),
    });
  },
});

function quoted(address: string): string {
  return address.replaceAll('.', '\\.');
}
