import { equals, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, nobody, outsideAddress } from './controllers.part.ts';
import { allAvailable, apacheSaw, MESSAGES, typesOf } from './guestbook.part.ts';

export default scenario({
  title: 'Capture groups: what follows the path goes along',
  chapter: 'ingress',
  figures: ['49', '50'],
  about: `Option 2: the path is a regular expression, and the target names a part of what it has matched. $2 is the second
pair of brackets: whatever follows /guestbook/, be it nothing or controllers.js.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    await allAvailable(s, 'The front end and its databases run');
    const pods = await controllers(s);
    const url = `http://${await outsideAddress(s, 'The address')}`;

    await s.apply('Figure 49: /guestbook(/)(.*)', './strict-ingress.yaml');
    const script = [{ path: '/guestbook/controllers.js' }];
    await everyController(s, '/guestbook/controllers.js is there', pods, script, '200');
    await s.step('but /guestbook is not: the brackets want a slash, so no rule matches', {
      on: 'client',
      run: `curl -si ${url}/guestbook`,
      see: nobody,
    });

    await s.apply('Figure 50: /guestbook(/|)(.*). The slash, or nothing', './group-ingress.yaml');
    await everyController(s, 'Now /guestbook is there', pods, [{ path: '/guestbook' }], '200');
    await s.step('and so is all else, each as what it is', {
      on: 'client',
      run: typesOf(`${url}/guestbook`, '', 'index.html', 'controllers.js', 'guestbook.css', MESSAGES),
      see: equals('200 text/html\n200 text/html\n200 text/javascript\n200 text/css\n200 application/json'),
    });
    await apacheSaw(s, 'Apache was asked for what was in the second brackets', [
      matches(/"GET \/ HTTP\/1\.1" 200 /),
      matches(/"GET \/controllers\.js HTTP\/1\.1" 200 /),
      matches(/"GET \/guestbook\.php\?cmd=get&key=messages HTTP\/1\.1" 200 /),
    ]);
    await s.act('The first brackets are a slash, mostly. What if they were the target?', {
      on: KUBECTL,
      run: "-n guestbook annotate --overwrite ingress guestbook 'nginx.ingress.kubernetes.io/rewrite-target=/$1'",
    });
    await everyController(s, 'The script is the page, as it was with /', pods, script, '200 text/html');
    await apacheSaw(s, 'because Apache was asked for //, as Figure 49 has it', [
      matches(/"GET \/\/ HTTP\/1\.1" 200 /),
    ]);
  },
});
