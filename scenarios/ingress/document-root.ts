import { contains, equals, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, outsideAddress } from './controllers.part.ts';
import { allAvailable, apacheSaw, MESSAGES, rolledOut, setEnvironment, typesOf } from './guestbook.part.ts';

export default scenario({
  title: 'The web server moves: no rewrite is needed',
  chapter: 'ingress',
  figures: ['51', '52'],
  about: `Option 3: if the files are where the path says, nobody has to rewrite anything. The guestbook's image takes the
folder from a variable, so its deployment is changed and its pods are replaced.`,
  manifests: ['./guestbook.yaml'],
  async story(s) {
    await setEnvironment(
      s,
      'The files go to /var/www/html/guestbook',
      'GUESTBOOK_DIR=/var/www/html/guestbook',
    );
    await rolledOut(s, 'All pods are new');
    await allAvailable(s, 'The databases run');
    await s.apply('The Ingress without the annotation', './path-ingress.yaml');
    await s.step('Nothing is rewritten', {
      on: KUBECTL,
      run: 'describe ingress -n guestbook guestbook',
      see: [
        matches(/^ +\/guestbook +frontend:80 \(192\.168\.\d+\.\d+:80,/),
        matches(/^Annotations: +<none>$/),
      ],
    });
    const pods = await controllers(s);
    await everyController(s, 'Each of them has the page', pods, [{ path: '/guestbook/' }], '200');
    const url = `http://${await outsideAddress(s, 'From outside')}/guestbook`;
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
      run: typesOf(url, 'index.html', 'controllers.js', 'guestbook.css', MESSAGES),
      see: equals('200 text/html\n200 text/javascript\n200 text/css\n200 application/json'),
    });
    await apacheSaw(s, 'Apache was asked for the same paths as nginx', [
      matches(/"GET \/guestbook\/controllers\.js HTTP\/1\.1" 200 /),
      matches(/"GET \/guestbook\/guestbook\.php\?cmd=get&key=messages HTTP\/1\.1" 200 /),
    ]);
  },
});
