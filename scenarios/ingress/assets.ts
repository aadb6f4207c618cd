import { contains, equals, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, outsideAddress } from './controllers.part.ts';
import { apacheSaw, rolledOut, setEnvironment } from './guestbook.part.ts';

const FOLDER = '/tmp/cdn';

/** A web server of a few lines: what is asked for, if it is in the folder, and a line about it. */
const SERVE = `#!/bin/sh
read -r method path version
while read -r line && [ "\${#line}" -gt 1 ]; do :; done
file="${FOLDER}/files/\${path##*/}"
if [ -f "$file" ]; then status='200 OK'; else status='404 Not Found'; file=/dev/null; fi
printf 'HTTP/1.0 %s\\r\\nContent-Length: %d\\r\\n\\r\\n' "$status" "$(wc -c <"$file")"
cat "$file"
echo "$method $path $status" >&2
`;

export default scenario({
  title: 'The assets come from another place',
  chapter: 'ingress',
  figures: ['47', '48'],
  about: `Option 1: with rewrite-target: / only the page itself can be had through the Ingress. So its files are taken from
somewhere else: a content delivery network, whose part a machine of the lab's internet plays.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    await rolledOut(s, 'The guestbook as it is');
    s.later("The CDN's files are removed", { on: 'internet', run: `rm -rf ${FOLDER}` });
    for (const file of ['controllers.js', 'guestbook.css']) {
      const content = await s.act(`Take ${file} out of a pod`, {
        on: KUBECTL,
        run: `-n guestbook exec deployment/frontend -- cat /var/www/html/${file}`,
      });
      await s.act('and put it onto the CDN', {
        on: 'internet',
        run: `mkdir -p ${FOLDER}/files && cat >${FOLDER}/files/${file}`,
        stdin: content.stdout,
      });
    }
    await s.act('The CDN needs a web server', {
      on: 'internet',
      run: `cat >${FOLDER}/serve && chmod +x ${FOLDER}/serve`,
      stdin: SERVE,
    });
    const cdn = await s.background('Start it', {
      on: 'internet',
      run: `socat -d -d TCP-LISTEN:80,fork,reuseaddr EXEC:${FOLDER}/serve`,
      ready: /listening on/,
    });
    await setEnvironment(
      s,
      "Figure 48: the page's links lead there",
      'ASSETS_URL=http://internet.lab.example',
    );
    await rolledOut(s, 'All pods are new');
    await s.apply('The Ingress that rewrites all to /', './rewrite-ingress.yaml');
    const pods = await controllers(s);
    await everyController(s, 'Each of them has the page', pods, [{ path: '/guestbook' }], '200');
    const address = await outsideAddress(s, 'From outside');
    const page = await s.step('The page names the other machine', {
      on: 'client',
      run: `curl -s http://${address}/guestbook`,
      see: [
        contains('<title>Guestbook</title>'),
        contains('href="http://internet.lab.example/guestbook.css"'),
        contains('src="http://internet.lab.example/controllers.js"'),
      ],
    });
    const script = page.pick(/src="(\S+)"/);
    await s.step('Figure 47: there is the script, and it is a script', {
      on: 'client',
      run: `curl -s ${script}`,
      see: [contains('guestbook.php answered'), not(contains('<title>'))],
    });
    await s.step('and the style sheet', {
      on: 'client',
      run: `curl -s -o /dev/null -w '%{http_code}\\n' ${page.pick(/href="(\S+guestbook\.css)"/)}`,
      see: equals('200'),
    });
    await cdn.sees('The CDN has served both', [
      matches(/^GET \/controllers\.js 200 OK$/),
      matches(/^GET \/guestbook\.css 200 OK$/),
    ]);
    await apacheSaw(s, 'The guestbook has not been asked for them', [
      matches(/"GET \/ HTTP\/1\.1" 200 /),
      not(contains('controllers.js')),
    ]);
    s.note(
      'What the page asks for while it is open, guestbook.php, is no asset: that is still rewritten to /. Options 2 and 3 cure this, too.',
    );
  },
});
