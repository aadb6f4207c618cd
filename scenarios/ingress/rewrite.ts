import { contains, equals, holds, matches, not, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, outsideAddress } from './controllers.part.ts';
import { apacheSaw, MESSAGES, rolledOut, typesOf } from './guestbook.part.ts';

export default scenario({
  title: 'Rewriting to /: the page comes, and comes again as its script',
  chapter: 'ingress',
  figures: ['43', '44', '45', '46'],
  about: `The annotation rewrite-target makes every request below the path one for /. So the page is found. Its script is
asked for below the path as well, and becomes a request for / like all others.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    await rolledOut(s, 'The front end runs');
    await s.apply('Figure 43: rewrite-target: /', './rewrite-ingress.yaml');
    const pods = await controllers(s);
    await everyController(s, 'Each of them has the page', pods, [{ path: '/guestbook' }], '200');
    const url = `http://${await outsideAddress(s, 'From outside')}/guestbook`;
    await s.step('Figure 44: /guestbook is the page', {
      on: 'client',
      run: `curl -s ${url}`,
      see: [contains('<title>Guestbook</title>'), contains('src="controllers.js"')],
    });
    await s.step('Figure 45: the script is 200, too, and of type text/html', {
      on: 'client',
      run: typesOf(url, 'controllers.js', 'guestbook.css', MESSAGES),
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
    await apacheSaw(s, 'All that Apache has seen is GET /', [
      matches(/"GET \/ HTTP\/1\.1" 200 /),
      not(contains('controllers.js')),
      not(contains('/guestbook')),
    ]);
  },
});
