import { contains, equals, holds, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;

export default scenario({
  title: 'Capture groups: what follows the path goes along',
  chapter: 'ingress',
  figures: ['49', '50'],
  about: `Option 2: the path is a regular expression, and the target names a part of what it has matched. $2 is the second
pair of brackets: whatever follows /guestbook/, be it nothing or controllers.js.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    await s.act('The front end and its databases run', {
      on: KUBECTL,
      run: '-n guestbook wait --for=condition=Available deployment --all --timeout=60s',
      timeoutMs: 70_000,
    });
    const controllers = await s.act('The controllers', {
      on: KUBECTL,
      run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[*].status.podIP}'",
    });
    const count = controllers.stdout.trim().split(' ').length;
    const found = await s.act('The address', {
      on: KUBECTL,
      run: "-n iks get svc essential-nginx-ingress-ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}'",
    });
    const url = `http://${found.stdout.trim()}`;
    const codes = (path: string) =>
      `for pod in ${controllers.stdout.trim()}; do curl -s -o /dev/null -w '%{http_code}\\n' http://$pod${path}; done`;
    const all = (code: number) =>
      holds(`${code} from every controller`, ({ stdout }) => stdout === `${code}\n`.repeat(count));

    await s.apply('Figure 49: /guestbook(/)(.*)', './strict-ingress.yaml');
    await s.step('/guestbook/controllers.js is there', {
      on: 'default/toolbox-worker1',
      run: codes('/guestbook/controllers.js'),
      see: all(200),
      within: 15_000,
      until: RELOADS,
    });
    await s.step('but /guestbook is not: the brackets want a slash, so no rule matches', {
      on: 'client',
      run: `curl -si ${url}/guestbook`,
      see: [matches(/^HTTP\/1\.1 404 /), contains('default backend - 404')],
    });

    await s.apply('Figure 50: /guestbook(/|)(.*). The slash, or nothing', './group-ingress.yaml');
    await s.step('Now /guestbook is there', {
      on: 'default/toolbox-worker1',
      run: codes('/guestbook'),
      see: all(200),
      within: 15_000,
      until: RELOADS,
    });
    await s.step('and so is all else, each as what it is', {
      on: 'client',
      run: `for file in '' index.html controllers.js guestbook.css 'guestbook.php?cmd=get&key=messages'; do curl -s -o /dev/null -w '%{http_code} %{content_type}\\n' "${url}/guestbook/$file"; done`,
      see: equals('200 text/html\n200 text/html\n200 text/javascript\n200 text/css\n200 application/json'),
    });
    await s.step('Apache was asked for what was in the second brackets', {
      on: KUBECTL,
      run: '-n guestbook logs -l tier=frontend --tail=-1',
      see: [
        matches(/"GET \/ HTTP\/1\.1" 200 /),
        matches(/"GET \/controllers\.js HTTP\/1\.1" 200 /),
        matches(/"GET \/guestbook\.php\?cmd=get&key=messages HTTP\/1\.1" 200 /),
      ],
    });
    await s.act('The first brackets are a slash, mostly. What if they were the target?', {
      on: KUBECTL,
      run: "-n guestbook annotate --overwrite ingress guestbook 'nginx.ingress.kubernetes.io/rewrite-target=/$1'",
    });
    await s.step('The script is the page, as it was with /', {
      on: 'default/toolbox-worker1',
      run: `for pod in ${controllers.stdout.trim()}; do curl -s -o /dev/null -w '%{http_code} %{content_type}\\n' http://$pod/guestbook/controllers.js; done`,
      see: holds(
        'text/html from every controller',
        ({ stdout }) => stdout === '200 text/html\n'.repeat(count),
      ),
      within: 15_000,
      until: RELOADS,
    });
    await s.step('because Apache was asked for //, as Figure 49 has it', {
      on: KUBECTL,
      run: '-n guestbook logs -l tier=frontend --tail=-1',
      see: matches(/"GET \/\/ HTTP\/1\.1" 200 /),
    });
  },
});
