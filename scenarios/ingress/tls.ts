import { contains, equals, exitCode, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';

const CONTROLLER = 'ds/essential-nginx-ingress-ingress-nginx-controller';
const ASK = "curl -sv --max-time 10 --resolve 'shop.example:443:10.1.110.105' --cacert /tmp/shop.crt";

export default scenario({
  title: 'TLS ends at the ingress, once for both applications',
  chapter: 'ingress',
  source: '"Use cases for a Kubernetes Ingress": a single point for all routing rules and TLS termination',
  about: `Without an ingress each application would need a certificate, a key, and somebody who renews them. The ingress
controller does it for all: it has the key, it speaks TLS with the reader, and behind it the request travels as plain
HTTP, with a header that says how it came.`,
  manifests: ['../../apps/wordpress/wordpress.yaml', './tls-frontend.yaml'],
  async story(s) {
    s.note('Before anybody has given it a certificate, the controller has one that it made itself.');
    await s.step('Who believes anything (-k) is shown that it is a fake', {
      on: 'client',
      run: 'curl -skv -o /dev/null https://10.1.110.105/',
      see: contains('CN=Kubernetes Ingress Controller Fake Certificate'),
    });

    s.later('The files are removed', { on: 'controlpl1', run: 'rm -f /tmp/shop.key /tmp/shop.crt' });
    s.later('The secret is removed', { on: KUBECTL, run: 'delete secret shop-tls --ignore-not-found' });
    s.later("The client's copy is removed", { on: 'client', run: 'rm -f /tmp/shop.crt' });
    await s.act('A key (the image of the controller has openssl)', {
      on: KUBECTL,
      run: `exec -n iks ${CONTROLLER} -- openssl ecparam -genkey -name prime256v1 -noout > /tmp/shop.key`,
    });
    await s.act('and a certificate for shop.example', {
      on: KUBECTL,
      run: `exec -i -n iks ${CONTROLLER} -- sh -c 'cat | openssl req -x509 -new -key /dev/stdin -days 30 -subj /CN=shop.example -addext subjectAltName=DNS:shop.example' < /tmp/shop.key > /tmp/shop.crt`,
    });
    await s.step('Both become a secret', {
      on: KUBECTL,
      run: 'create secret tls shop-tls --cert=/tmp/shop.crt --key=/tmp/shop.key',
      see: contains('secret/shop-tls created'),
    });
    await s.apply('An Ingress for both applications names it, once', './tls-ingress.yaml');
    await s.step('It now has port 443, too', {
      on: KUBECTL,
      run: 'get ingress shop',
      see: matches(/^shop +\S+ +shop\.example +10\.1\.110\.105 +80, 443 /),
      within: 20_000,
      until: { watch: 'get ingress -w' },
    });
    const certificate = await s.act('The client is told to trust the certificate', {
      on: 'controlpl1',
      run: 'cat /tmp/shop.crt',
    });
    await s.act('(a file of its own)', {
      on: 'client',
      run: 'cat >/tmp/shop.crt',
      stdin: certificate.stdout,
    });

    s.note(
      'The name that the reader wants is in the first message of TLS (SNI): so there can be many certificates behind one address.',
    );
    await s.step('Asked for shop.example, the controller shows its certificate, and the guestbook answers', {
      on: 'client',
      run: `${ASK} https://shop.example/guestbook`,
      see: [
        matches(/subject: CN=shop\.example$/),
        matches(/SSL certificate verify(ed| ok)/i),
        matches(/^frontend-[123] \(/, 'a front end of the guestbook'),
      ],
      within: 20_000,
      until: { on: KUBECTL, watch: 'get ingress -w' },
    });
    await s.step('Wordpress is up', {
      on: KUBECTL,
      run: 'rollout status deployment/wordpress-frontend --timeout=60s',
      timeoutMs: 70_000,
      see: contains('successfully rolled out'),
    });
    await s.step(
      'The same certificate for Wordpress, whose links are all https: it has read X-Forwarded-Proto',
      {
        on: 'client',
        run: `${ASK} https://shop.example/wordpress/`,
        see: [
          matches(/subject: CN=shop\.example$/),
          contains('href="https://shop.example/wordpress/'),
          not(contains('http://shop.example')),
        ],
        within: 90_000,
        until: { on: KUBECTL, watch: 'logs -f deployment/wordpress-frontend' },
      },
    );
    await s.step('Asked without a name, it is the fake one again', {
      on: 'client',
      run: 'curl -skv -o /dev/null https://10.1.110.105/',
      see: contains('CN=Kubernetes Ingress Controller Fake Certificate'),
    });
    await s.step('which curl does not believe in: 60', {
      on: 'client',
      run: 'curl -s --cacert /tmp/shop.crt https://10.1.110.105/',
      see: exitCode(60),
    });

    s.note('Who comes without TLS is sent back to come with it.');
    for (const path of ['guestbook', 'wordpress/?p=1']) {
      await s.step(`308: the same request again, at https (/${path})`, {
        on: 'client',
        run: `curl -s -o /dev/null -w '%{http_code} %{redirect_url}\\n' --resolve shop.example:80:10.1.110.105 'http://shop.example/${path}'`,
        see: equals(`308 https://shop.example/${path}`),
        within: 10_000,
        until: { on: KUBECTL, watch: 'get ingress -w' },
      });
    }

    s.note('Behind the controller there is no TLS.');
    const place = await s.step('The pod of Wordpress', {
      on: KUBECTL,
      run: 'get pods -l tier=wordpress-frontend -o wide',
      see: matches(/ 192\.168\.\d+\.\d+ +iks-networking-example-cl-/),
    });
    const name = place.pick(/ (iks-networking-example-cl-\S+)/);
    const node = s.topology.nodes.find(({ nodeName }) => nodeName === name)?.name ?? '';
    const wire = await s.capture('Listen in front of it', {
      on: node,
      run: `tcpdump -n -i any -A 'dst host ${place.pick(/ (192\.168\.\d+\.\d+) /)} and tcp port 80'`,
    });
    await s.act('A request over TLS', {
      on: 'client',
      run: `curl -s -o /dev/null --resolve 'shop.example:443:10.1.110.105' --cacert /tmp/shop.crt https://shop.example/wordpress/`,
    });
    await wire.sees('arrives in clear, with a note of how it came', [
      matches(/GET \/wordpress\/ HTTP\/1\.[01]/),
      matches(/X-Forwarded-Proto: https/i),
    ]);
  },
});
