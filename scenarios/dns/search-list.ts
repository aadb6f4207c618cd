import {
  contains,
  equals,
  holds,
  matches,
  not,
  type Observation,
  scenario,
} from '../../lab/scenario/index.ts';

const ENTER = 'nsenter -t $(nodectl pid default/toolbox-worker1) -n';
const PLAIN = 'default/toolbox-worker1';

/** Names asked for with that type, in the order of tcpdump's lines; one that was sent again counts once. */
const asked = ({ stdout }: Observation, type: 'A' | 'AAAA', from = ''): string[] => [
  ...new Map(
    [...stdout.matchAll(/IP (\S+) > \S+: (\d+)\+ (?:\[1au\] )?(A|AAAA)\? (\S+) /g)]
      .filter(([, source, , kind]) => kind === type && source?.startsWith(from))
      .map(([, source, id, , name]) => [`${source} ${id}`, name ?? '']),
  ).values(),
];

const inOrder = (...names: string[]) =>
  holds(names.join(', then '), (seen) => {
    const got = asked(seen, 'A');
    return JSON.stringify(got) === JSON.stringify(names) || `asked: ${got.join(', ') || 'nothing'}`;
  });

export default scenario({
  title: 'Five dots: what a resolver makes of a name',
  chapter: 'dns',
  figures: ['97'],
  source:
    '"DNS: Service is available for pods in the same namespace: my-service" in the slides on networking',
  about: `A name with fewer dots than ndots is tried with every suffix of the search list before it is tried as it is.
With ndots:5 that is nearly every name. It lets a pod say "my-service" or "my-service.prod", and costs four needless
questions (eight with AAAA) for www.example.com.`,
  pods: ['./search-list.yaml'],
  async story(s) {
    await s.step("The pod's suffixes, and ndots", {
      on: PLAIN,
      run: 'cat /etc/resolv.conf',
      see: [
        contains('search default.svc.cluster.local svc.cluster.local cluster.local lab.example'),
        contains('options ndots:5'),
      ],
    });
    const listen = async (sentence: string, enter = ENTER) =>
      s.capture(sentence, { on: 'worker1', run: `${enter} tcpdump -n -i eth0 udp dst port 53` });

    const short = await listen('Listen to what the pod asks');
    await s.step('No dot at all', {
      on: PLAIN,
      run: 'getent ahostsv4 kubernetes',
      see: matches(/^10\.96\.0\.1\s+STREAM kubernetes\.default\.svc\.cluster\.local$/),
    });
    await short.sees(
      'The first suffix is that of the own namespace, and it was right',
      inOrder('kubernetes.default.svc.cluster.local.'),
    );
    await short.stop();

    const other = await listen('Once more');
    await s.step('A service of another namespace', {
      on: PLAIN,
      run: 'getent ahostsv4 kube-dns.kube-system',
      see: matches(/^10\.96\.0\.10\s+STREAM kube-dns\.kube-system\.svc\.cluster\.local$/),
    });
    await other.sees(
      'The second suffix was the right one',
      inOrder('kube-dns.kube-system.default.svc.cluster.local.', 'kube-dns.kube-system.svc.cluster.local.'),
    );
    await other.stop();

    const outside = await listen('Once more');
    await s.step('A name of the internet', {
      on: PLAIN,
      run: 'getent ahosts www.example.com',
      see: matches(/^203\.0\.113\.10\s+STREAM www\.example\.com$/),
    });
    await outside.sees(
      'All four suffixes first',
      inOrder(
        'www.example.com.default.svc.cluster.local.',
        'www.example.com.svc.cluster.local.',
        'www.example.com.cluster.local.',
        'www.example.com.lab.example.',
        'www.example.com.',
      ),
    );
    await outside.sees(
      'and each of them for IPv6, too',
      holds('five AAAA questions', (seen) => asked(seen, 'AAAA').length === 5),
    );
    await outside.stop();

    const dotted = await listen('Once more');
    await s.step('A dot at the end says: this is the full name', {
      on: PLAIN,
      run: 'getent ahostsv4 www.example.com.',
      see: matches(/^203\.0\.113\.10\s+STREAM/),
    });
    await dotted.sees('One question', inOrder('www.example.com.'));
    await dotted.stop();

    s.note('A pod can have another ndots (spec.dnsConfig.options); this one has 1.');
    await s.step('ndots:1', {
      on: 'default/one-dot',
      run: 'cat /etc/resolv.conf',
      see: [contains('options ndots:1'), not(contains('ndots:5'))],
    });
    const oneDot = await listen('Listen there', 'nsenter -t $(nodectl pid default/one-dot) -n');
    await s.step('The same name of the internet', {
      on: 'default/one-dot',
      run: 'getent ahostsv4 www.example.com',
      see: matches(/^203\.0\.113\.10\s+STREAM/),
    });
    await oneDot.sees('One question, without a dot at the end', inOrder('www.example.com.'));
    await oneDot.stop();
    const again = await listen('Once more', 'nsenter -t $(nodectl pid default/one-dot) -n');
    await s.step('The price: a service of another namespace', {
      on: 'default/one-dot',
      run: 'getent ahostsv4 kube-dns.kube-system',
      see: matches(/^10\.96\.0\.10\s+STREAM/),
    });
    await again.sees(
      'is asked for as a name of the internet first',
      inOrder(
        'kube-dns.kube-system.',
        'kube-dns.kube-system.default.svc.cluster.local.',
        'kube-dns.kube-system.svc.cluster.local.',
      ),
    );
    await s.step('dig does not use the list unless told', {
      on: PLAIN,
      run: 'dig +short kube-dns.kube-system; dig +short +search kube-dns.kube-system',
      see: equals('10.96.0.10'),
    });
  },
});
