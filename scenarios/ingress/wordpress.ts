import { contains, equals, holds, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController } from './controllers.part.ts';
import { SITE } from './wordpress.part.ts';

export default scenario({
  title: 'Wordpress under its path, with all that its pages need',
  chapter: 'ingress',
  figures: ['53', '54', '55'],
  about: `The guestbook has to be helped to live under a path: its server hands out files from its root. Wordpress copies
itself to wherever the working directory of its container is. With /var/www/html/wordpress as the working directory the
server has the files under /wordpress, and nobody needs to rewrite anything.`,
  async story(s) {
    await s.apply(
      'Figure 53: everything in one file, the Ingress in the API version of its time',
      './manifests/wordpress-all-in-one-v1beta1.yaml',
    );
    await s.step('The workingDir decides', {
      on: KUBECTL,
      run: "get deployment wordpress-frontend -o jsonpath='{.spec.template.spec.containers[0].workingDir}'",
      see: equals('/var/www/html/wordpress'),
    });
    await s.step('Its pod runs', {
      on: KUBECTL,
      run: 'rollout status deployment/wordpress-frontend --timeout=60s',
      timeoutMs: 70_000,
      see: contains('successfully rolled out'),
    });
    const log = await s.background('Figure 54: its log', {
      on: KUBECTL,
      run: 'logs -f deployment/wordpress-frontend',
    });
    await log.sees(
      'Wordpress is not there, so it is copied; then comes Apache, which does not know a name for itself',
      [
        contains('WordPress not found in /var/www/html/wordpress - copying now...'),
        contains('Complete! WordPress has been successfully copied to /var/www/html/wordpress'),
        matches(
          /^AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using 192\.168\./,
        ),
        matches(/\[mpm_prefork:notice\] \[pid 1.*\] AH00163: Apache\/2\.4/),
        contains("AH00094: Command line: 'apache2 -D FOREGROUND'"),
      ],
      { within: 90_000 },
    );

    await s.step('The Ingress was written for extensions/v1beta1: serviceName and servicePort', {
      on: KUBECTL,
      run: "get ingresses.v1beta1.extensions applications -o jsonpath='{.spec.rules[0].http.paths[*].backend.serviceName}'",
      see: contains('frontend wordpress-frontend'),
    });
    await s.step('It is the same object that networking.k8s.io/v1 knows with service.name', {
      on: KUBECTL,
      run: "get ingresses.v1.networking.k8s.io applications -o jsonpath='{.spec.rules[0].http.paths[*].backend.service.name}'",
      see: contains('frontend wordpress-frontend'),
    });
    const pods = await controllers(s, 'Both ingress controllers,');
    const page = [{ path: '/wordpress/' }];
    await everyController(s, 'whichever the load balancer chooses, lead there', pods, page, '200');

    await s.step('The site, at the address of the ingress controller', {
      on: 'client',
      run: `curl -s ${SITE}`,
      see: [contains('<title>WordPress</title>'), contains('Hello world!')],
    });
    await s.step('Without the last slash Apache itself says where the folder is: it has one of that name', {
      on: 'client',
      run: "curl -s -o /dev/null -w '%{http_code} %{redirect_url}\\n' http://10.1.110.105/wordpress",
      see: equals(`301 ${SITE}`),
    });
    await s.step('Figure 55: every script and style sheet of the page is under /wordpress, and there', {
      on: 'client',
      run: `curl -s ${SITE} | grep -oE "http://[^'\\"\\\\]+\\.(css|js)(\\?[^'\\" ]*)?" | sort -u | xargs -n 1 curl -s -o /dev/null -w '%{http_code} %{size_download} %{url}\\n'`,
      see: holds('each line: 200, a size, an address under /wordpress/', ({ stdout }) => {
        const files = stdout.trim().split('\n');
        const wrong = files.filter((line) => !/^200 [1-9]\d* http:\/\/[\d.]+\/wordpress\/wp-/.test(line));
        return wrong.length === 0 || wrong.join('\n');
      }),
    });
    await s.step(
      'What the ingress controller hands on is the path that was asked for: nothing is rewritten',
      {
        on: KUBECTL,
        run: 'logs deployment/wordpress-frontend --tail=20',
        see: matches(/"GET \/wordpress\/wp-\S+ HTTP\/1\.1" 200 /),
      },
    );

    await s.apply(
      "The same file with today's Ingress: pathType, service.name, port.number",
      './manifests/wordpress-all-in-one.yaml',
    );
    await everyController(s, 'For the ingress controllers it is one and the same', pods, page, '200');
    await s.step('and for the reader, too', {
      on: 'client',
      run: `curl -s ${SITE}`,
      see: contains('<title>WordPress</title>'),
    });
  },
});
