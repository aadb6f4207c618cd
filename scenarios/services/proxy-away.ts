import { contains, equals, holds, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';

const RULES = { watch: 'xtables-monitor --event', on: 'worker1' };
const WORKER1 = 'iks-networking-example-cl-iks-networ-7ab29bc950';
const NOT_WORKER1 = JSON.stringify({
  spec: {
    updateStrategy: { type: 'OnDelete', rollingUpdate: null },
    template: {
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: [WORKER1] }],
                },
              ],
            },
          },
        },
      },
    },
  },
});
const EVERYWHERE = JSON.stringify({
  spec: {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    template: { spec: { affinity: null } },
  },
});
const patch = (what: string): string => `-n kube-system patch daemonset kube-proxy --type merge -p '${what}'`;

export default scenario({
  title: 'A node without kube-proxy: old services work, new ones do not',
  chapter: 'services',
  source: '"Viewing Kubernetes Services": kube-proxy implements the rules; it does not forward packets',
  about: `No packet passes through kube-proxy. It writes rules and the kernel follows them, whether it is there or not. What
is missing without it is change: new services, and pods that came or went.`,
  manifests: ['./proxy-away.yaml'],
  async story(s) {
    await s.step('A service, as a pod on worker1 sees it', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 5 http://10.96.17.210/',
      see: matches(/^frontend-[123] .* sees 192\.168\.104\.120$/, 'a frontend answers'),
      within: 10_000,
      until: RULES,
    });
    // The last is done first.
    s.later('kube-proxy runs on all nodes', {
      on: KUBECTL,
      run: '-n kube-system rollout status daemonset/kube-proxy --timeout=60s',
      timeoutMs: 70_000,
    });
    s.later('kube-proxy is for all nodes again', { on: KUBECTL, run: patch(EVERYWHERE) });
    await s.act(
      'From now on kube-proxy is not for worker1 (and OnDelete: those on the other nodes stay as they are)',
      { on: KUBECTL, run: patch(NOT_WORKER1) },
    );
    await s.step('Its pod goes', {
      on: KUBECTL,
      run: '-n kube-system get pods -l k8s-app=kube-proxy -o wide',
      see: [contains('kube-proxy-'), not(contains(WORKER1))],
      within: 20_000,
      until: { watch: '-n kube-system get pods -l k8s-app=kube-proxy --watch', on: KUBECTL },
    });
    await s.step('No such process on worker1', {
      on: 'worker1',
      run: 'ps -e -o args | grep -c [/]kube-proxy || true',
      see: equals('0'),
    });
    await s.step('The old service works as before', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 5 http://10.96.17.210/',
      see: matches(/^frontend-[123] .* sees 192\.168\.104\.120$/, 'a frontend answers'),
    });

    await s.apply('A new service', './proxy-away-new.yaml');
    await s.step('On worker2 it works', {
      on: 'default/toolbox-worker2',
      run: 'curl -s --max-time 5 http://10.96.17.211/',
      see: matches(/^frontend-[123] .* sees 192\.168\.8\.240$/, 'a frontend answers'),
      within: 10_000,
      until: { ...RULES, on: 'worker2' },
    });
    await s.step('On worker1 there is no word of it', {
      on: 'worker1',
      run: 'iptables-save -t nat',
      see: [contains('"default/old cluster IP"'), not(contains('default/new'))],
    });
    await s.step('and no answer: the address leaves by the default route, and nobody has it', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 2 http://10.96.17.211/',
      see: [holds('no answer', ({ code }) => code === 28 || code === 7, true), equals('')],
    });

    await s.act(
      'What was tried in vain is forgotten: connection tracking would go on to leave that connection untranslated',
      {
        on: 'worker1',
        run: 'conntrack -D -p tcp --orig-src 192.168.104.120 --orig-dst 10.96.17.211',
      },
    );
    await s.act('kube-proxy may come back', { on: KUBECTL, run: patch(EVERYWHERE) });
    await s.step('It does, reads all services and writes what is missing', {
      on: 'worker1',
      run: 'iptables-save -t nat',
      see: matches(/"default\/new cluster IP" -m tcp --dport 80 -j KUBE-SVC-/, 'the jump for default/new'),
      within: 30_000,
      until: RULES,
    });
    await s.step('Now the new service works here, too', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 5 http://10.96.17.211/',
      see: matches(/^frontend-[123] .* sees 192\.168\.104\.120$/, 'a frontend answers'),
      within: 10_000,
      until: RULES,
    });
  },
});
