import { contains, equals, matches, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, outsideAddress } from './controllers.part.ts';
import { apacheSaw, rolledOut } from './guestbook.part.ts';

export default scenario({
  title: 'The guestbook at /',
  chapter: 'ingress',
  figures: ['36', '37', '38', '39'],
  about: `The simplest Ingress for a page: the path / is the beginning of every path, so the page, its script, its style
sheet and its database calls all go to the same service.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    for (const name of ['redis-master', 'redis-slave', 'frontend']) {
      await rolledOut(s, `${name} runs`, name);
    }
    await s.apply('Figure 36: the Ingress', './root-ingress.yaml');
    const address = await outsideAddress(s, 'Figure 37: the address');
    const pods = await controllers(s, 'The controllers behind it');
    await everyController(s, 'Each of them has the page', pods, [{ path: '/' }], '200');
    const url = `http://${address}`;
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
    const from = pods.join('|').replaceAll('.', '\\.');
    await apacheSaw(s, "Figure 39: Apache's log. It was asked for the very same paths, by the controllers", [
      matches(new RegExp(`^(${from}) .*"GET /controllers\\.js HTTP/1\\.1" 200 `), 'GET /controllers.js'),
      matches(
        new RegExp(`^(${from}) .*"GET /guestbook\\.php\\?cmd=get&key=messages HTTP/1\\.1" 200 `),
        'GET /guestbook.php',
      ),
    ]);
  },
});
