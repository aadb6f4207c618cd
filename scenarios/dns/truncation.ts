import { contains, equals, holds, matches, not, scenario } from '../../lab/scenario/index.ts';

const ON = 'default/toolbox-worker1';
const NAME = 'many.prod.svc.cluster.local';
const size = (text: string): number => Number(/MSG SIZE +rcvd: (\d+)/.exec(text)?.[1] ?? Number.NaN);

export default scenario({
  title: 'An answer too large for UDP',
  chapter: 'dns',
  source: 'RFC 1035 §4.2.1 and RFC 6891: 512 bytes, or what the client offers',
  about: `A name may have a hundred addresses. Over UDP an answer has at most 512 bytes, or as many as the client has
offered (EDNS). What does not fit is left out, a flag says so (tc, truncated), and the client asks again over TCP: that is
why kube-dns has port 53 twice.`,
  manifests: ['./many.yaml'],
  async story(s) {
    await s.step('Without EDNS: cut at 512 bytes, and flagged', {
      on: ON,
      run: `dig +noedns +ignore ${NAME}`,
      see: [
        matches(/^;; flags: qr aa tc rd; QUERY: 1, ANSWER: \d{1,2},/),
        contains('(UDP)'),
        holds('at most 512 bytes', ({ stdout }) => size(stdout) <= 512 || `${size(stdout)} bytes`),
      ],
      within: 10_000,
      until: { watch: 'get endpointslices -n prod -w', on: 'kubectl' },
    });
    const capture = await s.capture('Listen on the node', {
      on: 'worker1',
      run: 'tcpdump -n -i any port 53 and host 192.168.104.120 and host 10.96.0.10',
    });
    await s.step('dig repeats the question over TCP unless told not to', {
      on: ON,
      run: `dig +noedns ${NAME}`,
      see: [
        contains(';; Truncated, retrying in TCP mode.'),
        contains('ANSWER: 100,'),
        contains('(TCP)'),
        not(matches(/^;; flags:.* tc /)),
      ],
    });
    await capture.sees('A question over UDP, a cut answer (|), a handshake, and the question again', [
      matches(/192\.168\.104\.120\.\d+ > 10\.96\.0\.10\.53: \d+\+ A\? many\./),
      matches(/10\.96\.0\.10\.53 > 192\.168\.104\.120\.\d+: \d+\*-?\| \d+\/0\/0 /),
      matches(/192\.168\.104\.120\.\d+ > 10\.96\.0\.10\.53: Flags \[S\]/),
      matches(/192\.168\.104\.120\.\d+ > 10\.96\.0\.10\.53: Flags \[P\.\].* A\? many\./),
    ]);
    await s.step('A client that offers 4096 bytes has all of it over UDP', {
      on: ON,
      run: `dig +bufsize=4096 ${NAME}`,
      see: [contains('ANSWER: 100,'), contains('(UDP)'), matches(/^;; flags: qr aa rd;/)],
    });
    await s.step('and one that offers 1232, as dig does by itself, has not', {
      on: ON,
      run: `dig +ignore ${NAME}`,
      see: [
        matches(/^;; flags: qr aa tc rd;/),
        holds('at most 1232 bytes', ({ stdout }) => size(stdout) <= 1232 || `${size(stdout)} bytes`),
      ],
    });
    await s.step("The resolver of the pod's own programs repeats it, too", {
      on: ON,
      run: 'getent ahostsv4 many.prod | grep -c STREAM',
      see: equals('100'),
    });
    await s.step('The same over TCP from the start', {
      on: ON,
      run: `dig +tcp +short ${NAME} | sort -u | wc -l`,
      see: equals('100'),
    });
  },
});
