import { contains, equals, holds, matches, not, scenario } from '../../lab/scenario/index.ts';
import { places, rules, toWorkload, whoReachesWhom } from './shop.part.ts';

export default scenario({
  title: 'Default deny: a namespace that nobody may enter',
  chapter: 'policy',
  figures: ['79', '80'],
  source: 'the chapter "Felix agent"; Network Policies in the Kubernetes documentation',
  about: `Without a policy every pod reaches every other. A pod that is selected by one is isolated: from then on only
what a policy allows comes in. So a policy that selects all pods and allows nothing shuts a namespace. Felix writes it
into the chain of each pod of its node, on the node where the pod is.`,
  manifests: ['./namespaces.yaml'],
  pods: ['./pods.yaml'],
  async story(s) {
    const all = await places(s);
    const chain = await toWorkload(s, 'shop/backend', 'worker1');
    await s.step('Nothing is asked for yet: the profiles of the namespace let everything pass', {
      on: 'worker1',
      run: `iptables -S ${chain}`,
      see: [contains('cali-pri-kns.shop'), not(contains('cali-pi-')), contains('Return if profile accepted')],
    });
    await whoReachesWhom(s, 'Who reaches whom? A row asks, a column answers', all, () => true);

    await s.apply('Select all, allow nothing', './default-deny.yaml');
    const jumps = (count: number) =>
      holds(`${count} chains of pods with a policy`, ({ stdout }) => {
        const found = stdout.split('\n').filter((line) => /^-A cali-tw-\w+ .*-j cali-pi-/.test(line)).length;
        return found === count || `${found}`;
      });
    await rules(
      s,
      'worker1 has two pods of that namespace',
      'worker1',
      'iptables -S | grep cali-tw-',
      jumps(2),
    );
    await rules(s, 'worker2 has one', 'worker2', 'iptables -S | grep cali-tw-', jumps(1));
    const now = await s.step('The chain now: replies, the policy, and the end for what it did not accept', {
      on: 'worker1',
      run: `iptables -S ${chain}`,
      see: [
        matches(/--ctstate RELATED,ESTABLISHED -j ACCEPT$/),
        matches(/"Start of policies" -j MARK --set-xmark 0x0\/0x20000$/),
        matches(/-j cali-pi-\S+$/),
        matches(/"Drop if no policies passed packet" .*-j DROP$/),
      ],
    });
    const policy = now.pick(/-j (cali-pi-\S+)$/);
    await s.step("The policy's own chain allows nothing: it is empty", {
      on: 'worker1',
      run: `iptables -S ${policy}`,
      see: equals(`-N ${policy}`),
    });
    await whoReachesWhom(
      s,
      'Nobody reaches the shop, not even itself',
      all,
      (_, to) => !to.startsWith('shop/'),
    );
    s.note(
      'Two things still work. The pods of the shop reach the guest, and have the answers: those belong to connections that they began themselves. And a node reaches the pods on it, since what it sends goes out by OUTPUT and not by FORWARD: else no probe of the kubelet could succeed.',
    );
    await s.step('The drops are counted', {
      on: 'worker1',
      run: `iptables -nvx -L ${chain} | grep 'no policies passed'`,
      see: matches(/^\s*[1-9]\d*\s+\d+ DROP /),
    });

    await s.remove('Take the policy away', './default-deny.yaml');
    await rules(
      s,
      'The chains are as they were, on worker1',
      'worker1',
      'iptables -S',
      not(contains('cali-pi-')),
    );
    await rules(s, 'and on worker2', 'worker2', 'iptables -S', not(contains('cali-pi-')));
    await whoReachesWhom(s, 'and so is the table', all, () => true);
  },
});
