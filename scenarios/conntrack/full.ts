import {
  contains,
  equals,
  exitCode,
  holds,
  KUBECTL,
  matches,
  not,
  scenario,
} from '../../lab/scenario/index.ts';

/**
 * Prints connections of the benchmark network (RFC 2544, 198.18.0.0/15), which nobody in the lab uses, as many as are
 * asked for. They end by themselves after two minutes, so that a story that breaks off leaves a node that heals.
 */
const entries = (most: string): string =>
  `awk 'BEGIN { for (i = 0; i < ${most}; i++) printf "-A -t 120 -u SEEN_REPLY,ASSURED -s 198.18.%d.%d -d 198.19.0.1 -r 198.19.0.1 -q 198.18.%d.%d -p tcp --sport %d --dport 80 --reply-port-src 80 --reply-port-dst %d --state ESTABLISHED\\n", i / 12800000, 1 + i / 50000 % 250, i / 12800000, 1 + i / 50000 % 250, 1024 + i % 50000, 1024 + i % 50000 }'`;

const FILL = 'conntrack --load-file -';

const dropped = (text: string): number =>
  [...text.matchAll(/ drop=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
const lastNumber = (text: string): number => Number(/(\d+)\s*$/.exec(text)?.[1] ?? Number.NaN);

export default scenario({
  title: 'The table is full',
  chapter: 'conntrack',
  source:
    '"How to Inspect Kubernetes Networking": nf_conntrack: table full, dropping packet; "Azure Kubernetes Service (AKS) Networking Deep Dive", part 2',
  about: `The kernel keeps a limited number of connections in mind. When a node has reached it, the first packet of each new
connection is dropped there, while the old ones go on and all other nodes know nothing of it: a failure that is hard to see
unless one knows the counters. Here the table of worker1 is filled with connections that never were.`,
  manifests: ['./full.yaml'],
  pods: ['./full-pods.yaml'],
  async story(s) {
    const limit = await s.step('How many connections may be kept in mind', {
      on: 'worker1',
      run: 'sysctl -n net.netfilter.nf_conntrack_max',
      see: matches(/^\d+$/),
    });
    const most = limit.stdout.trim();
    s.note(
      'The seed of this story says how to raise it: sysctl -w. In a container the number is that of the whole machine and cannot be changed; what is counted is the connections of this network namespace, so each node has a table of its own.',
    );
    await s.step('and how many there are', {
      on: 'worker1',
      run: 'sysctl -n net.netfilter.nf_conntrack_count',
      see: holds(`fewer than ${most}`, ({ stdout }) => Number(stdout) > 0 && Number(stdout) < Number(most)),
    });
    const pod = await s.step('A server on worker1', {
      on: KUBECTL,
      run: "get endpoints narrow -o jsonpath='{.subsets[0].addresses[0].ip}'",
      see: matches(/^192\.168\.104\.\d+$/),
      within: 10_000,
      until: { watch: 'get endpoints -w' },
    });
    const address = pod.pick(/[\d.]+/);
    const service = await s.act('and a port of all nodes that leads there', {
      on: KUBECTL,
      run: "get service narrow -o jsonpath='{.spec.ports[0].nodePort}'",
    });
    const port = service.pick(/\d+/);
    for (const [node, ip] of [
      ['worker1', '10.1.110.102'],
      ['worker2', '10.1.110.107'],
    ] as const) {
      await s.step(`${node} has the rules`, {
        on: node,
        run: 'iptables -t nat -S KUBE-NODEPORTS',
        see: contains(`--dport ${port} -j KUBE-SVC-`),
        within: 10_000,
        until: { watch: 'xtables-monitor --event' },
      });
      await s.step(`The client comes in through ${node}`, {
        on: 'client',
        run: `curl -s --max-time 5 http://${ip}:${port}/`,
        see: contains('Hostname: narrow'),
      });
    }
    const old = await s.background('A client opens a connection through worker1, and goes on talking', {
      on: 'default/toolbox-worker2',
      run: `exec bash -c 'exec 3<>/dev/tcp/${address}/7; i=0; while echo $((i += 1)) >&3 && read -r -t 5 line <&3; do echo $line; sleep 0.2; done'`,
      ready: /^3$/m,
    });
    const before = await s.step('The counters of the kernel, before', {
      on: 'worker1',
      run: 'conntrack -S',
      see: matches(/^cpu=0 .* insert_failed=\d+ drop=\d+ early_drop=\d+ /),
    });

    s.note('Closed connections would make room when it gets narrow, so they go first.');
    await s.act('Forget what is closed', {
      on: 'worker1',
      run: 'for state in TIME_WAIT CLOSE LAST_ACK FIN_WAIT CLOSE_WAIT; do conntrack -D -p tcp --state $state; done >/dev/null 2>&1; true',
    });
    await s.step('Fill the table, until the kernel refuses', {
      on: 'worker1',
      run: `${entries(`${most} + 1`)} | ${FILL} 2>&1 >/dev/null`,
      see: [contains('not enough memory'), exitCode(1)],
      timeoutMs: 120_000,
    });
    const keep = await s.background('and keep it full', {
      on: 'worker1',
      run: `exec 2>/dev/null; echo filling; i=0; while [ $((i += 1)) -le 20000 ]; do conntrack -I -p tcp -s 198.18.255.$((i / 50000 + 1)) -d 198.19.0.1 --sport $((1024 + i)) --dport 80 --state ESTABLISHED --timeout 120 -u SEEN_REPLY,ASSURED >/dev/null; done`,
      ready: /filling/,
    });
    await s.step('As many as there may be', {
      on: 'worker1',
      run: 'sysctl -n net.netfilter.nf_conntrack_count',
      see: holds(`${most}, or all but a few of it`, ({ stdout }) => Number(stdout) >= Number(most) - 20),
    });

    const seen = lastNumber(old.text);
    await s.step('New connections that worker1 would have to keep in mind fail: from outside', {
      on: 'client',
      run: `curl -s --max-time 2.5 http://10.1.110.102:${port}/`,
      see: [equals(''), exitCode(28)],
    });
    await s.step('from a pod of another node to a pod of this one', {
      on: 'default/toolbox-worker2',
      run: `curl -s --max-time 2.5 http://${address}/`,
      see: [equals(''), exitCode(28)],
    });
    await s.step('In between the old connection went on', {
      on: 'worker1',
      run: 'conntrack -L -p tcp --dport 7 -s 192.168.8.240',
      see: matches(/^tcp +6 \d+ ESTABLISHED src=192\.168\.8\.240 dst=192\.168\.104\.\d+ sport=\d+ dport=7 /),
    });
    await old.sees(
      'and still goes on',
      holds(`a number larger than ${seen + 5}`, ({ stdout }) => lastNumber(stdout) > seen + 5),
    );
    await s.step('Other nodes have room: two pods of worker2', {
      on: 'default/toolbox-worker2',
      run: 'curl -s --max-time 5 http://192.168.8.250/',
      see: contains('frontend-2 (192.168.8.250)'),
    });
    await s.step('The kernel has counted what it dropped', {
      on: 'worker1',
      run: 'conntrack -S',
      see: holds('drop has grown', (after) => {
        const grown = dropped(after.stdout) - dropped(before.stdout);
        return grown > 0 || `by ${grown}`;
      }),
    });

    await keep.stop();
    await keep.sees('Stop filling', contains('filling'));
    await s.step('and forget the connections that never were', {
      on: 'worker1',
      run: 'conntrack -D -s 198.18.0.0/15 2>&1 >/dev/null',
      see: matches(/\d{4,} flow entries have been deleted\./),
      timeoutMs: 120_000,
    });
    await s.step('worker1 takes new connections again', {
      on: 'client',
      run: `curl -s --max-time 10 http://10.1.110.102:${port}/`,
      see: contains('Hostname: narrow'),
    });
    await s.step('All nodes are well', {
      on: KUBECTL,
      run: 'get nodes',
      see: [matches(/^(\S+ +Ready .*\n?){3}/), not(contains('NotReady'))],
      within: 60_000,
      until: { watch: 'get nodes -w' },
    });
  },
});
