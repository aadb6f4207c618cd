import { contains, equals, holds, matches, not, scenario } from '../../lab/scenario/index.ts';
import { askEach, controllers, nobody, outsideAddress, RELOADS } from './controllers.part.ts';
import { apacheSaw, rolledOut } from './guestbook.part.ts';

export default scenario({
  title: '/guestbook without a rewrite: 404',
  chapter: 'ingress',
  figures: ['41', '42'],
  about: `With a path of its own the guestbook is out of others' way. But the path that leads to the service is also the path
that the service is asked for, and Apache has no folder of that name.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    await rolledOut(s, 'The front end runs');
    await s.apply('Figure 41: the path /guestbook', './path-ingress.yaml');
    const pods = await controllers(s);
    await s.step('Each of them brings the request to Apache: the words are its own', {
      on: 'default/toolbox-worker1',
      run: askEach(pods, '-s http://$pod/guestbook'),
      see: holds('as many times "The requested URL was not found" as controllers', ({ stdout }) => {
        const count = stdout.match(/The requested URL was not found on this server/g)?.length ?? 0;
        return count === pods.length || `${count} times`;
      }),
      within: 15_000,
      until: RELOADS,
    });
    const address = await outsideAddress(s, 'From outside');
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
    await apacheSaw(s, 'Figure 42: Apache was asked for /guestbook, and serves its files at /', [
      matches(/"GET \/guestbook HTTP\/1\.1" 404 /),
      matches(/"GET \/guestbook\/controllers\.js HTTP\/1\.1" 404 /),
    ]);
    await s.step('A path that no rule names has another 404: that of the default backend', {
      on: 'client',
      run: `curl -si http://${address}/controllers.js`,
      see: [...nobody, not(contains('The requested URL'))],
    });
  },
});
