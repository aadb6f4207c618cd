import { contains, equals, matches, not, scenario } from '../../lab/scenario/index.ts';

const ON = 'default/toolbox-worker1';

export default scenario({
  title: 'The records of a service: A, SRV, PTR, and two kinds of "no"',
  chapter: 'dns',
  figures: ['96'],
  source: '"DNS: for Services (A/AAAA and SRV records)", "for Pods" in the slides on networking',
  about: `CoreDNS reads the API and keeps no zone file. What a service has by name follows from its manifest: an address
for itself, a port and a name for each named port, and a name for its address. Pods have names that are made of their
addresses.`,
  manifests: ['./records.yaml'],
  async story(s) {
    const ask = (sentence: string, question: string, see: Parameters<typeof s.step>[1]['see']) =>
      s.step(sentence, { on: ON, run: `dig ${question}`, see });

    await ask(
      'The full name: service, namespace, svc, the domain of the cluster',
      'my-service.prod.svc.cluster.local',
      [
        matches(/status: NOERROR/),
        matches(/^;; flags: qr aa rd;/),
        matches(/^my-service\.prod\.svc\.cluster\.local\. \d+\s+IN\s+A\s+10\.96\.200\.1$/),
      ],
    );
    await s.step('From another namespace my-service.prod is enough', {
      on: ON,
      run: 'getent hosts my-service.prod',
      see: matches(/^10\.96\.200\.1\s+my-service\.prod\.svc\.cluster\.local$/),
    });
    await s.step('but my-service is not', {
      on: ON,
      run: 'getent hosts my-service || echo unknown',
      see: equals('unknown'),
    });
    await ask(
      'A named port: number and name, by underscores (RFC 2782), and the address in addition',
      '+noall +answer +additional SRV _http._tcp.my-service.prod.svc.cluster.local',
      [
        matches(
          /^_http\._tcp\.my-service\.prod\.svc\.cluster\.local\. \d+ IN\s+SRV\s+0 100 80 my-service\.prod\.svc\.cluster\.local\.$/,
        ),
        matches(/^my-service\.prod\.svc\.cluster\.local\. \d+\s+IN\s+A\s+10\.96\.200\.1$/),
      ],
    );
    await ask(
      'The port of the service, not of the pod; and UDP ports have their own protocol',
      '+short SRV _voice._udp.my-service.prod.svc.cluster.local',
      equals('0 100 5060 my-service.prod.svc.cluster.local.'),
    );
    await ask('A port without a name has no such record', 'SRV _http._tcp.nameless.prod.svc.cluster.local', [
      matches(/status: NXDOMAIN/),
      contains('ANSWER: 0'),
    ]);
    await ask(
      'Backwards, from the address to the name',
      '+short -x 10.96.200.1',
      equals('my-service.prod.svc.cluster.local.'),
    );
    await ask(
      'There is no IPv6 address, but the name exists: NOERROR without an answer, and the SOA says how long to believe it',
      'AAAA my-service.prod.svc.cluster.local',
      [
        matches(/status: NOERROR/),
        contains('ANSWER: 0, AUTHORITY: 1'),
        matches(
          /^cluster\.local\.\s+\d+\s+IN\s+SOA\s+ns\.dns\.cluster\.local\. hostmaster\.cluster\.local\. \d+ 7200 1800 86400 30$/,
        ),
      ],
    );
    await ask(
      'A service that is not there: NXDOMAIN, also with the SOA',
      '+noall +comments +answer +authority nobody.prod.svc.cluster.local',
      [
        matches(/status: NXDOMAIN/),
        matches(/\sSOA\s+ns\.dns\.cluster\.local\. /),
        not(matches(/\sIN\s+A\s/)),
      ],
    );
    await ask(
      "A pod's name is its address",
      '+short 192-168-8-222.default.pod.cluster.local',
      equals('192.168.8.222'),
    );
    s.note(
      'CoreDNS has no pod of that address in mind: with "pods insecure" in its Corefile it only takes the name apart.',
    );
    await ask(
      'so what is no address is no name',
      '192-168-8-999.default.pod.cluster.local',
      matches(/status: NXDOMAIN/),
    );
    await ask(
      'The version of the specification that all this follows',
      '+short TXT dns-version.cluster.local',
      equals('"1.1.0"'),
    );
    await ask(
      'Capitals do not matter, and the answer repeats them',
      '+noall +answer My-Service.PROD.svc.cluster.local',
      matches(/^My-Service\.PROD\.svc\.cluster\.local\. \d+\s+IN\s+A\s+10\.96\.200\.1$/),
    );
  },
});
