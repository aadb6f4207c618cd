import { contains, exitCode, holds, matches, not, scenario } from '../../lab/scenario/index.ts';

const CHAIN = 'KUBE-SVC-ENODL3HWJ5BZY56Q';

export default scenario({
  title: 'A rule is deleted by hand, and comes back',
  chapter: 'services',
  source: "kube-proxy's period of synchronisation (iptables.syncPeriod, 30 s)",
  about: `kube-proxy writes when services change, and only what has changed. Nobody tells it when someone else deletes a rule.
So it looks after all of its rules once per period: 30 s here, as in the cluster of the white paper. A topology can set
another (kubeProxy.syncPeriod), or 0, which is never.`,
  manifests: ['./frontend.yaml'],
  async story(s) {
    await s.step('The rules of the frontend on worker1', {
      on: 'worker1',
      run: `iptables -t nat -S ${CHAIN}`,
      see: matches(/-j KUBE-SEP-\S+\n.*-j KUBE-SEP-\S+\n.*-j KUBE-SEP-\S+$/, 'three ways'),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    const monitor = await s.background('Watch the rules of worker1 change', {
      on: 'worker1',
      run: 'echo watching; xtables-monitor --event',
      ready: /watching/,
    });
    await s.act('Empty the chain', { on: 'worker1', run: `iptables -t nat -F ${CHAIN}` });
    await s.step('The jump to it is still there, but nothing is behind it', {
      on: 'worker1',
      run: `iptables -t nat -S KUBE-SERVICES | grep default/frontend; iptables -t nat -S ${CHAIN}`,
      see: [contains(`-j ${CHAIN}`), not(contains(`-A ${CHAIN}`))],
    });
    await s.step('The service is dead on worker1', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 2 http://10.96.17.201/',
      see: holds('no answer', ({ code }) => code === 28 || code === 7, true),
    });
    await s.step(
      'Connection tracking keeps in mind that this packet left untranslated, for two minutes: a rule is looked up for the first packet of a connection only',
      {
        on: 'worker1',
        run: 'conntrack -L -p tcp --orig-src 192.168.104.120 --orig-dst 10.96.17.201 --state SYN_SENT',
        see: matches(
          / SYN_SENT src=192\.168\.104\.120 dst=10\.96\.17\.201 .* \[UNREPLIED\] src=10\.96\.17\.201 /,
          'an entry without DNAT',
        ),
      },
    );
    await s.act(
      'Whoever used the same source port within that time would still get no answer, so it is better forgotten',
      {
        on: 'worker1',
        run: 'conntrack -D -p tcp --orig-src 192.168.104.120 --orig-dst 10.96.17.201 --state SYN_SENT',
      },
    );
    await s.step('The service lives on worker2', {
      on: 'default/toolbox-worker2',
      run: 'curl -s --max-time 5 http://10.96.17.201/',
      see: matches(/^frontend-[123] .* sees 192\.168\.8\.240$/, 'a frontend answers'),
      within: 10_000,
      until: { watch: 'xtables-monitor --event', on: 'worker2' },
    });
    await monitor.sees(
      'Within the period the rules are written again',
      matches(new RegExp(`-A ${CHAIN} .*-j KUBE-SEP-`), `rules of ${CHAIN}`),
      { within: 45_000 },
    );
    await s.step('All three ways are back', {
      on: 'worker1',
      run: `iptables -t nat -S ${CHAIN}`,
      see: matches(/-j KUBE-SEP-\S+\n.*-j KUBE-SEP-\S+\n.*-j KUBE-SEP-\S+$/, 'three ways'),
      within: 5_000,
      until: monitor,
    });
    await s.step('and the service', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 5 http://10.96.17.201/',
      see: [matches(/^frontend-[123] .* sees 192\.168\.104\.120$/, 'a frontend answers'), exitCode(0)],
    });
  },
});
