import { contains, equals, holds, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;

export default scenario({
  title: 'Rewriting to /: the page comes, and comes again as its script',
  chapter: 'ingress',
  figures: ['43', '44', '45', '46'],
  about: `The annotation rewrite-target makes every request below the path one for /. So the page is found. Its script is
asked for below the path as well, and becomes a request for / like all others.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    await s.act('The front end runs', {
      on: KUBECTL,
      run: '-n guestbook rollout status deployment/frontend --timeout=60s',
      timeoutMs: 70_000,
    });
    await s.apply('Figure 43: rewrite-target: /', './rewrite-ingress.yaml');
    const controllers = await s.act('The controllers', {
      on: KUBECTL,
      run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[*].status.podIP}'",
    });
    await s.step('Each of them has the page', {
      on: 'default/toolbox-worker1',
      run: `for pod in ${controllers.stdout.trim()}; do curl -s -o /dev/null -w '%{http_code}\\n' http://$pod/guestbook; done`,
      see: holds('200 from every controller', ({ stdout }) => /^(200\n)+$/.test(stdout)),
      within: 15_000,
      until: RELOADS,
    });
    const found = await s.act('From outside', {
      on: KUBECTL,
      run: "-n iks get svc essential-nginx-ingress-ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}'",
    });
    const url = `http://${found.stdout.trim()}/guestbook`;
    await s.step('Figure 44: /guestbook is the page', {
      on: 'client',
      run: `curl -s ${url}`,
      see: [contains('<title>Guestbook</title>'), contains('src="controllers.js"')],
    });
    await s.step('Figure 45: the script is 200, too, and of type text/html', {
      on: 'client',
      run: `for file in controllers.js guestbook.css 'guestbook.php?cmd=get&key=messages'; do curl -s -o /dev/null -w '%{http_code} %{content_type}\\n' "${url}/$file"; done`,
      see: equals('200 text/html\n200 text/html\n200 text/html'),
    });
    await s.step('Figure 46: it is the page once more', {
      on: 'client',
      run: `curl -s ${url}/controllers.js`,
      see: [contains('<title>Guestbook</title>'), not(contains('guestbook.php answered'))],
    });
    await s.step('To the last byte', {
      on: 'client',
      run: `curl -s ${url} | cksum; curl -s ${url}/controllers.js | cksum`,
      see: holds('the same sum twice', ({ stdout }) => {
        const [page, script] = stdout.trim().split('\n');
        return page !== undefined && page === script;
      }),
    });
    await s.step('All that Apache has seen is GET /', {
      on: KUBECTL,
      run: '-n guestbook logs -l tier=frontend --tail=-1',
      see: [
        matches(/"GET \/ HTTP\/1\.1" 200 /),
        not(contains('controllers.js')),
        not(contains('/guestbook')),
      ],
    });
  },
});
