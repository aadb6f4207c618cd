import { contains, equals, holds, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;

export default scenario({
  title: 'The guestbook at /',
  chapter: 'ingress',
  figures: ['36', '37', '38', '39'],
  about: `The simplest Ingress for a page: the path / is the beginning of every path, so the page, its script, its style
sheet and its database calls all go to the same service.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    for (const name of ['redis-master', 'redis-slave', 'frontend']) {
      await s.act(`${name} runs`, {
        on: KUBECTL,
        run: `-n guestbook rollout status deployment/${name} --timeout=60s`,
        timeoutMs: 70_000,
      });
    }
    await s.apply('Figure 36: the Ingress', './root-ingress.yaml');
    const address = await s.act('Figure 37: the address', {
      on: KUBECTL,
      run: "-n iks get svc essential-nginx-ingress-ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}'",
    });
    const controllers = await s.act('The controllers behind it', {
      on: KUBECTL,
      run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[*].status.podIP}'",
    });
    await s.step('Each of them has the page', {
      on: 'default/toolbox-worker1',
      run: `for pod in ${controllers.stdout.trim()}; do curl -s -o /dev/null -w '%{http_code}\\n' http://$pod/; done`,
      see: holds('200 from every controller', ({ stdout }) => /^(200\n)+$/.test(stdout)),
      within: 15_000,
      until: RELOADS,
    });
    const url = `http://${address.stdout.trim()}`;
    await s.step('The client has it, too', {
      on: 'client',
      run: `curl -s ${url}/`,
      see: [
        contains('<title>Guestbook</title>'),
        contains('<link rel="stylesheet" href="guestbook.css">'),
        contains('<script src="controllers.js" defer></script>'),
      ],
    });
    const files = [
      '',
      'index.html',
      'guestbook.css',
      'controllers.js',
      'guestbook.php?cmd=get\\&key=messages',
    ];
    await s.step('Figure 38: what a browser loads, one after the other, and all of it is there', {
      on: 'client',
      run: `for file in '' ${files.slice(1).join(' ')}; do curl -s -o /dev/null -w '%{http_code} %{content_type} %{url}\\n' "${url}/$file"; done`,
      see: equals(
        [
          `200 text/html ${url}/`,
          `200 text/html ${url}/index.html`,
          `200 text/css ${url}/guestbook.css`,
          `200 text/javascript ${url}/controllers.js`,
          `200 application/json ${url}/guestbook.php?cmd=get&key=messages`,
        ].join('\n'),
      ),
    });
    await s.step('A message is stored', {
      on: 'client',
      run: `curl -s '${url}/guestbook.php?cmd=set&key=messages&value=Hello'`,
      see: equals('{"message":"Updated"}'),
    });
    const pods = controllers.stdout.trim().split(' ').join('|').replaceAll('.', '\\.');
    await s.step("Figure 39: Apache's log. It was asked for the very same paths, by the controllers", {
      on: KUBECTL,
      run: '-n guestbook logs -l tier=frontend --tail=-1',
      see: [
        matches(new RegExp(`^(${pods}) .*"GET /controllers\\.js HTTP/1\\.1" 200 `), 'GET /controllers.js'),
        matches(
          new RegExp(`^(${pods}) .*"GET /guestbook\\.php\\?cmd=get&key=messages HTTP/1\\.1" 200 `),
          'GET /guestbook.php',
        ),
      ],
    });
  },
});
