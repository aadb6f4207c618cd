import { contains, equals, holds, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;

export default scenario({
  title: 'The web server moves: no rewrite is needed',
  chapter: 'ingress',
  figures: ['51', '52'],
  about: `Option 3: if the files are where the path says, nobody has to rewrite anything. The guestbook's image takes the
folder from a variable, so its deployment is changed and its pods are replaced.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    await s.act('The files go to /var/www/html/guestbook', {
      on: KUBECTL,
      run: '-n guestbook set env deployment/frontend GUESTBOOK_DIR=/var/www/html/guestbook',
    });
    await s.act('All pods are new', {
      on: KUBECTL,
      run: '-n guestbook rollout status deployment/frontend --timeout=60s',
      timeoutMs: 70_000,
    });
    await s.act('The databases run', {
      on: KUBECTL,
      run: '-n guestbook wait --for=condition=Available deployment --all --timeout=60s',
      timeoutMs: 70_000,
    });
    await s.apply('The Ingress without the annotation', './path-ingress.yaml');
    await s.step('Nothing is rewritten', {
      on: KUBECTL,
      run: 'describe ingress -n guestbook guestbook',
      see: [
        matches(/^ +\/guestbook +frontend:80 \(192\.168\.\d+\.\d+:80,/),
        matches(/^Annotations: +<none>$/),
      ],
    });
    const controllers = await s.act('The controllers', {
      on: KUBECTL,
      run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[*].status.podIP}'",
    });
    await s.step('Each of them has the page', {
      on: 'default/toolbox-worker1',
      run: `for pod in ${controllers.stdout.trim()}; do curl -s -o /dev/null -w '%{http_code}\\n' http://$pod/guestbook/; done`,
      see: holds('200 from every controller', ({ stdout }) => /^(200\n)+$/.test(stdout)),
      within: 15_000,
      until: RELOADS,
    });
    const found = await s.act('From outside', {
      on: KUBECTL,
      run: "-n iks get svc essential-nginx-ingress-ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}'",
    });
    const url = `http://${found.stdout.trim()}/guestbook`;
    await s.step('Apache sends whoever asks for the folder without its slash to the one with it', {
      on: 'client',
      run: `curl -si ${url}`,
      see: [matches(/^HTTP\/1\.1 301 /), matches(new RegExp(`^Location: ${url.replaceAll('.', '\\.')}/`))],
    });
    await s.step('Figure 52: the page', {
      on: 'client',
      run: `curl -sL ${url}`,
      see: contains('<title>Guestbook</title>'),
    });
    await s.step('and all that belongs to it', {
      on: 'client',
      run: `for file in index.html controllers.js guestbook.css 'guestbook.php?cmd=get&key=messages'; do curl -s -o /dev/null -w '%{http_code} %{content_type}\\n' "${url}/$file"; done`,
      see: equals('200 text/html\n200 text/javascript\n200 text/css\n200 application/json'),
    });
    await s.step('Apache was asked for the same paths as nginx', {
      on: KUBECTL,
      run: '-n guestbook logs -l tier=frontend --tail=-1',
      see: [
        matches(/"GET \/guestbook\/controllers\.js HTTP\/1\.1" 200 /),
        matches(/"GET \/guestbook\/guestbook\.php\?cmd=get&key=messages HTTP\/1\.1" 200 /),
      ],
    });
  },
});
