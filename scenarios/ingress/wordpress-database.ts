import { contains, equals, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

const CHAIN = 'KUBE-SVC-3USFPP53J36ZR347';

export default scenario({
  title: 'A page of Wordpress, and what it takes behind the page: a name, a service, MySQL',
  chapter: 'ingress',
  figures: ['93', '94', '95', '96', '98', '99', '101', '102', '103', '104', '105'],
  about: `The second half of the white paper's walk. nginx has handed the request on; the front end asks its database before it
can answer. It knows it as wordpress-db: first a question to the cluster's DNS, then a connection to a service. This time
with the real Wordpress and a real database, in the namespace word of the figures.`,
  manifests: ['./wordpress-database.yaml'],
  async story(s) {
    await s.step('Figure 93: all that the front end is told of its database is a name', {
      on: KUBECTL,
      run: `-n word get deployment wordpress-frontend -o jsonpath='{.spec.template.spec.containers[0].env[?(@.name=="WORDPRESS_DB_HOST")].value}'`,
      see: equals('wordpress-db'),
    });
    await s.step('Both pods run', {
      on: KUBECTL,
      run: '-n word wait --for=condition=Available deployment/wordpress-db deployment/wordpress-frontend --timeout=60s',
      timeoutMs: 70_000,
      see: contains('deployment.apps/wordpress-frontend condition met'),
    });
    await s.step('The site answers, here at the address of its service', {
      on: 'worker2',
      run: "curl -s -o /dev/null -w '%{http_code}\\n' http://10.96.73.108/wordpress/",
      see: equals('200'),
      within: 90_000,
      until: { on: KUBECTL, watch: '-n word logs -f deployment/wordpress-frontend' },
    });
    const places = await s.step('Where they are', {
      on: KUBECTL,
      run: '-n word get pods -o wide',
      see: [
        matches(/^wordpress-db-\S+ .* 192\.168\.8\.\d+ +iks-networking-example-cl-iks-networ-ac625d72ba /),
        matches(
          /^wordpress-frontend-\S+ .* 192\.168\.8\.\d+ +iks-networking-example-cl-iks-networ-ac625d72ba /,
        ),
      ],
    });
    const frontend = places.pick(/^wordpress-frontend-\S+ .* (192\.168\.\d+\.\d+) /);
    const database = places.pick(/^wordpress-db-\S+ .* (192\.168\.\d+\.\d+) /);
    const [from, to] = [frontend, database].map((address) => address.replaceAll('.', '\\.'));

    const dns = await s.capture('Listen to what the front end asks the DNS', {
      on: 'worker2',
      run: `tcpdump -n -i any 'host ${frontend} and udp port 53'`,
    });
    const mysql = await s.capture('and to what it says to its database', {
      on: 'worker2',
      run: `tcpdump -n -i any -A 'host ${frontend} and tcp port 3306'`,
    });
    await s.act('One page', {
      on: 'worker2',
      run: 'curl -s -o /dev/null http://10.96.73.108/wordpress/?p=1',
    });
    await dns.sees('Figures 94 to 96: the whole name is asked for, and 10.96.185.193 is the answer', [
      matches(
        new RegExp(
          ` IP ${from}\\.\\d+ > 10\\.96\\.0\\.10\\.53: \\d+\\+ A\\? wordpress-db\\.word\\.svc\\.cluster\\.local\\.`,
        ),
        'A? wordpress-db.word.svc.cluster.local.',
      ),
      matches(/ \d+\*- 1\/0\/0 A 10\.96\.185\.193 /),
    ]);
    const seen = await mysql.sees(
      'Figures 99 and 104: a SYN to the service comes from the front end, and the same SYN goes to the pod of the database',
      [
        matches(new RegExp(` In  IP ${from}\\.\\d+ > 10\\.96\\.185\\.193\\.3306: Flags \\[S\\]`)),
        matches(new RegExp(` Out IP ${from}\\.\\d+ > ${to}\\.3306: Flags \\[S\\]`)),
      ],
    );
    await mysql.sees('What they speak is MySQL: the server says who it is, the client asks', [
      matches(/MariaDB/),
      matches(/SELECT .*wp_/),
    ]);
    const port = seen.pick(
      new RegExp(` In  IP ${from}\\.(\\d+) > 10\\.96\\.185\\.193\\.3306: Flags \\[S\\]`),
    );

    await s.step('Figure 101: the rule for the service', {
      on: 'worker2',
      run: 'iptables -t nat -S KUBE-SERVICES | grep word/wordpress-db',
      see: matches(
        new RegExp(
          `-d 10\\.96\\.185\\.193/32 -p tcp .*"word/wordpress-db cluster IP" .*--dport 3306 -j ${CHAIN}$`,
        ),
      ),
    });
    const chain = await s.step('Figure 102: the chain of the service', {
      on: 'worker2',
      run: `iptables -t nat -L ${CHAIN} -nv`,
      see: matches(/KUBE-SEP-[A-Z2-7]{16} .*\/\* word\/wordpress-db \*\//),
    });
    await s.step('and of its only endpoint, which has translated packets', {
      on: 'worker2',
      run: `iptables -t nat -L ${chain.pick(/(KUBE-SEP-[A-Z2-7]{16})/)} -nv`,
      see: [
        matches(new RegExp(`KUBE-MARK-MASQ .* ${to} .*/\\* word/wordpress-db \\*/`)),
        matches(new RegExp(`^ *[1-9]\\d* +\\d+ DNAT .*/\\* word/wordpress-db \\*/ tcp to:${to}:3306`)),
      ],
    });
    await s.step('Figure 105: what worker2 remembers of the connection', {
      on: 'worker2',
      run: 'conntrack -L -p tcp --dport 3306',
      see: matches(
        new RegExp(
          `^tcp +6 \\d+ \\w+ src=${from} dst=10\\.96\\.185\\.193 sport=${port} dport=3306 src=${to} dst=${from} sport=3306 dport=${port} \\[ASSURED\\] mark=`,
        ),
      ),
    });
  },
});
