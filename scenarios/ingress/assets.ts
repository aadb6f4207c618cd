import { contains, equals, holds, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;
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
    const pod = await s.act('The guestbook as it is', {
      on: KUBECTL,
      run: '-n guestbook rollout status deployment/frontend --timeout=60s',
      timeoutMs: 70_000,
    });
    if (!pod.stdout.includes('successfully rolled out')) s.note(pod.stdout);
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
    await s.act("Figure 48: the page's links lead there", {
      on: KUBECTL,
      run: '-n guestbook set env deployment/frontend ASSETS_URL=http://internet.lab.example',
    });
    await s.act('All pods are new', {
      on: KUBECTL,
      run: '-n guestbook rollout status deployment/frontend --timeout=60s',
      timeoutMs: 70_000,
    });
    await s.apply('The Ingress that rewrites all to /', './rewrite-ingress.yaml');
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
    const page = await s.step('The page names the other machine', {
      on: 'client',
      run: `curl -s http://${found.stdout.trim()}/guestbook`,
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
    await s.step('The guestbook has not been asked for them', {
      on: KUBECTL,
      run: '-n guestbook logs -l tier=frontend --tail=-1',
      see: [matches(/"GET \/ HTTP\/1\.1" 200 /), not(contains('controllers.js'))],
    });
    s.note(
      'What the page asks for while it is open, guestbook.php, is no asset: that is still rewritten to /. Options 2 and 3 cure this, too.',
    );
  },
});
