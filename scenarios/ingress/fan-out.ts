import { contains, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, nobody, outsideAddress } from './controllers.part.ts';
import { rolledOut, setEnvironment } from './guestbook.part.ts';

export default scenario({
  title: 'One address, two applications: fan-out by path',
  chapter: 'ingress',
  figures: ['33', '41'],
  about: `Without an Ingress each application needs an address of its own from outside. With it one is enough: what follows
the host's name says which service is meant. In Wordpress' place is a pod that says what was asked of it.`,
  manifests: ['./guestbook.yaml', './wordpress-stand-in.yaml'],
  async story(s) {
    await setEnvironment(
      s,
      'The guestbook serves its files below /guestbook (the scenario document-root tells why)',
      'GUESTBOOK_DIR=/var/www/html/guestbook',
    );
    for (const name of ['frontend', 'wordpress']) {
      await rolledOut(s, `${name} runs`, name);
    }
    await s.apply('Figure 33: two paths, two services', './fan-out-ingress.yaml');
    const pods = await controllers(s);
    const paths = [{ path: '/guestbook/' }, { path: '/wordpress' }];
    await everyController(s, 'They know of both', pods, paths, '200');
    const address = await outsideAddress(s, 'One address');
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
      see: nobody,
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
