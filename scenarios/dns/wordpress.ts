import { contains, equals, KUBECTL, matches, not, rows, scenario } from '../../lab/scenario/index.ts';

const FRONTEND = 'default/wordpress-frontend-7b884dd698-d8w44';

export default scenario({
  title: 'Wordpress finds its database: from a name to a connection',
  chapter: 'dns',
  figures: ['93', '94', '95', '96', '97', '98', '99', '100', '101', '102', '105'],
  about: `All that Wordpress knows of its database is the name wordpress-db. The resolver of the pod makes it a full name
and asks kube-dns, which is a service itself: the question is translated to one of the two CoreDNS pods, and the answer
back. Only then comes the connection to the database, through a service again.`,
  manifests: ['./wordpress.yaml'],
  pods: ['./wordpress-pods.yaml'],
  async story(s) {
    await s.step('Figure 97: the DNS of the cluster is a service', {
      on: KUBECTL,
      run: 'get svc -n kube-system',
      see: rows({
        NAME: 'kube-dns',
        TYPE: 'ClusterIP',
        'CLUSTER-IP': '10.96.0.10',
        'PORT(S)': '53/UDP,53/TCP,9153/TCP',
      }),
    });
    await s.step('and the kubelet has told the pod so, with the suffixes to try', {
      on: FRONTEND,
      run: 'cat /etc/resolv.conf',
      see: equals(
        'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local lab.example\noptions ndots:5',
      ),
    });
    const pods = await s.step('Behind the service are two pods', {
      on: KUBECTL,
      run: "get endpoints kube-dns -n kube-system -o jsonpath='{.subsets[*].addresses[*].ip}'",
      see: matches(/^192\.168\.\d+\.\d+ 192\.168\.\d+\.\d+$/),
    });
    const servers = `(${pods.stdout.trim().split(' ').join('|').replaceAll('.', '\\.')})`;

    const inPod = await s.capture('Figure 96: listen in the pod', {
      on: FRONTEND,
      run: 'tcpdump -i eth0 port 53',
    });
    const onNode = await s.capture('and on all interfaces of its node', {
      on: 'worker2',
      run: 'tcpdump -n -i any udp port 53 and host 192.168.8.222',
    });
    await s.step('Which address has wordpress-db?', {
      on: FRONTEND,
      run: 'getent ahosts wordpress-db',
      see: matches(/^10\.96\.23\.229\s+STREAM wordpress-db\.default\.svc\.cluster\.local$/),
    });
    const name = 'wordpress-db\\.default\\.svc\\.cluster\\.local\\.';
    const asked = await inPod.sees(
      "Two questions, A and AAAA, 56 bytes each; 110 bytes say 10.96.23.229, 149 say that there is no IPv6 address (and the cluster's SOA)",
      [
        matches(
          new RegExp(
            `> kube-dns\\.kube-system\\.svc\\.cluster\\.local\\.domain: \\d+\\+ A\\? ${name} \\(56\\)`,
          ),
        ),
        matches(
          new RegExp(
            `> kube-dns\\.kube-system\\.svc\\.cluster\\.local\\.domain: \\d+\\+ AAAA\\? ${name} \\(56\\)`,
          ),
        ),
        matches(/ \d+\*- 1\/0\/0 A 10\.96\.23\.229 \(110\)/),
        matches(/ \d+\*- 0\/1\/0 \(149\)/),
      ],
    );
    await inPod.sees(
      'tcpdump itself asks for the name of 10.96.0.10, and has its answer',
      matches(/ 1\/0\/0 PTR kube-dns\.kube-system\.svc\.cluster\.local\. \(116\)/),
    );
    const port = asked.pick(/\.(\d+) > \S+: \d+\+ A\? wordpress-db/);
    await onNode.sees(
      'Figures 94 and 95: in from the pod to 10.96.0.10, and on to a CoreDNS pod; the answer leaves that pod and arrives as one from 10.96.0.10',
      [
        matches(new RegExp(` cali\\w+ In  IP 192\\.168\\.8\\.222\\.${port} > 10\\.96\\.0\\.10\\.53: `)),
        matches(new RegExp(` Out IP 192\\.168\\.8\\.222\\.${port} > ${servers}\\.53: `)),
        matches(new RegExp(` In  IP ${servers}\\.53 > 192\\.168\\.8\\.222\\.${port}: `)),
        matches(new RegExp(` cali\\w+ Out IP 10\\.96\\.0\\.10\\.53 > 192\\.168\\.8\\.222\\.${port}: `)),
      ],
    );
    await s.step('worker2 keeps both tuples: what was asked of whom, and who will answer to whom', {
      on: 'worker2',
      run: `conntrack -L -p udp --orig-src 192.168.8.222 --sport ${port}`,
      see: matches(
        new RegExp(
          `^udp .*src=192\\.168\\.8\\.222 dst=10\\.96\\.0\\.10 sport=${port} dport=53 src=${servers} dst=192\\.168\\.8\\.222 sport=53 dport=${port} `,
        ),
      ),
    });

    s.note('Now the pod has an address to connect to.');
    await s.step('Figure 100: the address of the service', {
      on: KUBECTL,
      run: 'get svc wordpress-db',
      see: rows({
        NAME: 'wordpress-db',
        TYPE: 'ClusterIP',
        'CLUSTER-IP': '10.96.23.229',
        'PORT(S)': '3306/TCP',
      }),
    });
    await s.step('Figure 101: the rule for it', {
      on: 'worker2',
      run: 'iptables -t nat -S KUBE-SERVICES | grep default/wordpress-db',
      see: matches(
        /^-A KUBE-SERVICES -d 10\.96\.23\.229\/32 -p tcp .*"default\/wordpress-db cluster IP" .*--dport 3306 -j KUBE-SVC-235M4OZWKIE6GYSD$/,
      ),
      within: 10_000,
      until: { watch: 'nft monitor rules' },
    });
    await s.step('Figure 102: one endpoint, so no dice', {
      on: 'worker2',
      run: 'iptables -t nat -S KUBE-SVC-235M4OZWKIE6GYSD',
      see: [matches(/"default\/wordpress-db" -j KUBE-SEP-WAAL3DOSOAXDLALS$/), not(contains('--probability'))],
      within: 10_000,
      until: { watch: 'nft monitor rules' },
    });
    await s.step('which is the pod of the database', {
      on: 'worker2',
      run: 'iptables -t nat -S KUBE-SEP-WAAL3DOSOAXDLALS',
      see: [
        matches(/-s 192\.168\.8\.223\/32 .*-j KUBE-MARK-MASQ$/),
        matches(/-p tcp .*-j DNAT --to-destination 192\.168\.8\.223:3306$/),
      ],
    });
    await s.step('The pod connects by the name', {
      on: FRONTEND,
      run: 'nc -w 5 wordpress-db 3306 </dev/null',
      see: equals('5.6.51-MySQL'),
    });
    await s.step('Figure 99: the first packet of the connection went through those chains', {
      on: 'worker2',
      run: 'iptables -t nat -L KUBE-SEP-WAAL3DOSOAXDLALS -nv',
      see: matches(/^\s*[1-9]\d*\s+\d+ DNAT .* to:192\.168\.8\.223:3306$/),
    });
    await s.step('Figure 105: and the node remembers it until it is surely over', {
      on: 'worker2',
      run: 'conntrack -L -p tcp --dport 3306',
      see: matches(
        /^tcp +6 \d+ \w+ src=192\.168\.8\.222 dst=10\.96\.23\.229 sport=(\d+) dport=3306 src=192\.168\.8\.223 dst=192\.168\.8\.222 sport=3306 dport=\1 \[ASSURED\]/,
      ),
    });
  },
});
