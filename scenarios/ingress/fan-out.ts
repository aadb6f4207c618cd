import { contains, holds, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;

export default scenario({
  title: 'One address, two applications: fan-out by path',
  chapter: 'ingress',
  figures: ['33', '41'],
  about: `Without an Ingress each application needs an address of its own from outside. With it one is enough: what follows
the host's name says which service is meant. In Wordpress' place is a pod that says what was asked of it.`,
  manifests: ['./guestbook.yaml', './wordpress-stand-in.yaml'],
  async story(s) {
    await s.act('The guestbook serves its files below /guestbook (the scenario document-root tells why)', {
      on: KUBECTL,
      run: '-n guestbook set env deployment/frontend GUESTBOOK_DIR=/var/www/html/guestbook',
    });
    for (const name of ['frontend', 'wordpress']) {
      await s.act(`${name} runs`, {
        on: KUBECTL,
        run: `-n guestbook rollout status deployment/${name} --timeout=60s`,
        timeoutMs: 70_000,
      });
    }
    await s.apply('Figure 33: two paths, two services', './fan-out-ingress.yaml');
    const controllers = await s.act('The controllers', {
      on: KUBECTL,
      run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[*].status.podIP}'",
    });
    await s.step('They know of both', {
      on: 'default/toolbox-worker1',
      run: `for pod in ${controllers.stdout.trim()}; do for path in guestbook/ wordpress; do curl -s -o /dev/null -w '%{http_code}\\n' http://$pod/$path; done; done`,
      see: holds('200, and nothing else', ({ stdout }) => /^(200\n)+$/.test(stdout)),
      within: 15_000,
      until: RELOADS,
    });
    const found = await s.act('One address', {
      on: KUBECTL,
      run: "-n iks get svc essential-nginx-ingress-ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}'",
    });
    const address = found.stdout.trim();
    await s.step('/guestbook/ is the guestbook', {
      on: 'client',
      run: `curl -s http://${address}/guestbook/`,
      see: contains('<title>Guestbook</title>'),
    });
    await s.step('/wordpress is the other, and the path arrives there as it was', {
      on: 'client',
      run: `curl -s http://${address}/wordpress`,
      see: [matches(/^Pod: wordpress-/), matches(/^GET \/wordpress HTTP\/1\.1$/)],
    });
    await s.step('So is all that is below it', {
      on: 'client',
      run: `curl -s 'http://${address}/wordpress/wp-login.php?action=lostpassword'`,
      see: matches(/^GET \/wordpress\/wp-login\.php\?action=lostpassword HTTP\/1\.1$/),
    });
    await s.step('A prefix is made of whole names: /wordpresses is neither', {
      on: 'client',
      run: `curl -si http://${address}/wordpresses`,
      see: [matches(/^HTTP\/1\.1 404 /), contains('default backend - 404')],
    });
    await s.step('Neither service has an address outside of the cluster', {
      on: KUBECTL,
      run: '-n guestbook get services frontend wordpress',
      see: [
        matches(/^frontend +ClusterIP +10\.96\.\d+\.\d+ +<none> /),
        matches(/^wordpress +ClusterIP +10\.96\.\d+\.\d+ +<none> /),
      ],
    });
  },
});
