import { contains, equals, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: "Ask the cluster's DNS from a pod's network namespace",
  chapter: 'dns',
  source: '"Querying Cluster DNS" in "How to Inspect Kubernetes Networking"',
  about: `Most images have no dig, and need none: the node has it, and nsenter -n runs it in the network of any pod. Only
the network is changed: the file system is the node's, and so is its resolv.conf, so the server must be named.`,
  async story(s) {
    await s.step('The address of the DNS service', {
      on: KUBECTL,
      run: 'get service -n kube-system kube-dns',
      see: rows({ NAME: 'kube-dns', TYPE: 'ClusterIP', 'CLUSTER-IP': '10.96.0.10' }),
    });
    await s.step('frontend-1 has no dig', {
      on: 'default/frontend-1',
      run: 'command -v dig || echo none',
      see: equals('none'),
    });
    const pid = await s.step('The pid of its pause process', {
      on: 'worker1',
      run: 'nodectl pid default/frontend-1',
      see: matches(/^\d+$/),
    });
    const enter = `nsenter -t ${pid.pick(/^(\d+)$/)} -n`;
    const capture = await s.capture('Listen in the pod', {
      on: 'worker1',
      run: `${enter} tcpdump -n -i eth0 udp port 53`,
    });
    await s.step('dig of the node, in the network of the pod', {
      on: 'worker1',
      run: `${enter} dig kubernetes.default.svc.cluster.local @10.96.0.10`,
      see: [
        matches(/status: NOERROR/),
        matches(/^kubernetes\.default\.svc\.cluster\.local\. \d+\s+IN A\s+10\.96\.0\.1$/),
        contains('SERVER: 10.96.0.10#53'),
      ],
    });
    await capture.sees('The pod has asked', [
      matches(
        / IP 192\.168\.104\.115\.\d+ > 10\.96\.0\.10\.53: .* A\? kubernetes\.default\.svc\.cluster\.local\. /,
      ),
      matches(/ IP 10\.96\.0\.10\.53 > 192\.168\.104\.115\.\d+: .* A 10\.96\.0\.1 /),
    ]);
    await s.step(
      'Without a server named, dig takes the resolv.conf of the node, and its server knows no service',
      {
        on: 'worker1',
        run: `${enter} dig kubernetes.default.svc.cluster.local`,
        see: [contains('SERVER: 10.1.0.53#53'), contains('ANSWER: 0')],
      },
    );
    const pods = await s.step('The pods behind the service can be asked one by one', {
      on: KUBECTL,
      run: "get endpoints kube-dns -n kube-system -o jsonpath='{.subsets[*].addresses[*].ip}'",
      see: matches(/^192\.168\.\d+\.\d+ 192\.168\.\d+\.\d+$/),
    });
    for (const address of pods.stdout.trim().split(' ')) {
      await s.step(`${address} answers`, {
        on: 'worker1',
        run: `${enter} dig +short kubernetes.default.svc.cluster.local @${address}`,
        see: equals('10.96.0.1'),
      });
    }
    await s.step('The node itself can ask, too', {
      on: 'worker1',
      run: 'dig +short kubernetes.default.svc.cluster.local @10.96.0.10',
      see: equals('10.96.0.1'),
    });
  },
});
