import { contains, equals, holds, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;

export default scenario({
  title: '/guestbook without a rewrite: 404',
  chapter: 'ingress',
  figures: ['41', '42'],
  about: `With a path of its own the guestbook is out of others' way. But the path that leads to the service is also the path
that the service is asked for, and Apache has no folder of that name.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    await s.act('The front end runs', {
      on: KUBECTL,
      run: '-n guestbook rollout status deployment/frontend --timeout=60s',
      timeoutMs: 70_000,
    });
    await s.apply('Figure 41: the path /guestbook', './path-ingress.yaml');
    const controllers = await s.act('The controllers', {
      on: KUBECTL,
      run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[*].status.podIP}'",
    });
    const pods = controllers.stdout.trim().split(' ');
    await s.step('Each of them brings the request to Apache: the words are its own', {
      on: 'default/toolbox-worker1',
      run: `for pod in ${pods.join(' ')}; do curl -s http://$pod/guestbook; done`,
      see: holds('as many times "The requested URL was not found" as controllers', ({ stdout }) => {
        const count = stdout.match(/The requested URL was not found on this server/g)?.length ?? 0;
        return count === pods.length || `${count} times`;
      }),
      within: 15_000,
      until: RELOADS,
    });
    const found = await s.act('From outside', {
      on: KUBECTL,
      run: "-n iks get svc essential-nginx-ingress-ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}'",
    });
    const address = found.stdout.trim();
    await s.step('Page Not Found', {
      on: 'client',
      run: `curl -si http://${address}/guestbook`,
      see: [matches(/^HTTP\/1\.1 404 Not Found/), contains('The requested URL was not found on this server')],
    });
    await s.step('None of its files is there', {
      on: 'client',
      run: `for file in index.html controllers.js guestbook.php; do curl -s -o /dev/null -w '%{http_code}\\n' http://${address}/guestbook/$file; done`,
      see: equals('404\n404\n404'),
    });
    await s.step('Figure 42: Apache was asked for /guestbook, and serves its files at /', {
      on: KUBECTL,
      run: '-n guestbook logs -l tier=frontend --tail=-1',
      see: [
        matches(/"GET \/guestbook HTTP\/1\.1" 404 /),
        matches(/"GET \/guestbook\/controllers\.js HTTP\/1\.1" 404 /),
      ],
    });
    await s.step('A path that no rule names has another 404: that of the default backend', {
      on: 'client',
      run: `curl -si http://${address}/controllers.js`,
      see: [
        matches(/^HTTP\/1\.1 404 Not Found/),
        contains('default backend - 404'),
        not(contains('The requested URL')),
      ],
    });
  },
});
