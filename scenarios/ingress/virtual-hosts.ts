import { contains, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, nobody, outsideAddress } from './controllers.part.ts';

export default scenario({
  title: 'Name-based virtual hosts: two names, one address',
  chapter: 'ingress',
  source: '"Kubernetes Networking": Name Based Virtual Hosting',
  about: `A browser says in each request which host it wants to talk to. That is enough to tell two sites apart that share an
address and all paths.`,
  manifests: ['./services.yaml'],
  pods: ['./services-pods.yaml'],
  async story(s) {
    const pods = await controllers(s);
    const address = await outsideAddress(s, 'and their address');
    await s.apply('Two hosts', './virtual-hosts-ingress.yaml');
    await s.step('kubectl lists them', {
      on: KUBECTL,
      run: 'get ingress name-virtual-host-ingress',
      see: rows({ NAME: 'name-virtual-host-ingress', HOSTS: 'foo.bar.com,bar.foo.com' }),
    });
    const both = [
      { host: 'foo.bar.com', path: '/' },
      { host: 'bar.foo.com', path: '/' },
    ];
    await everyController(s, 'All controllers serve both', pods, both, '200');
    const ask = (name: string) => `curl -s --resolve ${name}:80:${address} http://${name}/`;
    await s.step('foo.bar.com is service1', {
      on: 'client',
      run: ask('foo.bar.com'),
      see: [contains('Pod: service1-pod'), matches(/^Host: foo\.bar\.com$/)],
    });
    await s.step('bar.foo.com is service2, at the same address', {
      on: 'client',
      run: ask('bar.foo.com'),
      see: [contains('Pod: service2-pod'), matches(/^Host: bar\.foo\.com$/)],
    });
    await s.step('Big letters do not matter', {
      on: 'client',
      run: `curl -s -H 'Host: FOO.bar.com' http://${address}/`,
      see: contains('Pod: service1-pod'),
    });
    await s.step('Another name at the same address is nobody', {
      on: 'client',
      run: `${ask('www.bar.com')} -i`,
      see: nobody,
    });
    await s.step('nginx has a server for each', {
      on: KUBECTL,
      run: '-n iks exec daemonset/essential-nginx-ingress-ingress-nginx-controller -- grep -E "^\\s*server_name " /etc/nginx/nginx.conf',
      see: [
        matches(/^\s*server_name "?_"?;$/),
        matches(/^\s*server_name "?bar\.foo\.com"?;$/),
        matches(/^\s*server_name "?foo\.bar\.com"?;$/),
      ],
    });
  },
});
