import { contains, holds, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;

export default scenario({
  title: 'Name-based virtual hosts: two names, one address',
  chapter: 'ingress',
  source: '"Kubernetes Networking": Name Based Virtual Hosting',
  about: `A browser says in each request which host it wants to talk to. That is enough to tell two sites apart that share an
address and all paths.`,
  manifests: ['./services.yaml'],
  pods: ['./services-pods.yaml'],
  async story(s) {
    const controllers = await s.act('The controllers', {
      on: KUBECTL,
      run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[*].status.podIP}'",
    });
    const found = await s.act('and their address', {
      on: KUBECTL,
      run: "-n iks get svc essential-nginx-ingress-ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}'",
    });
    const address = found.stdout.trim();
    await s.apply('Two hosts', './virtual-hosts-ingress.yaml');
    await s.step('kubectl lists them', {
      on: KUBECTL,
      run: 'get ingress name-virtual-host-ingress',
      see: rows({ NAME: 'name-virtual-host-ingress', HOSTS: 'foo.bar.com,bar.foo.com' }),
    });
    await s.step('All controllers serve both', {
      on: 'default/toolbox-worker1',
      run: `for pod in ${controllers.stdout.trim()}; do for host in foo.bar.com bar.foo.com; do curl -s -o /dev/null -w '%{http_code}\\n' -H "Host: $host" http://$pod/; done; done`,
      see: holds('200, and nothing else', ({ stdout }) => /^(200\n)+$/.test(stdout)),
      within: 15_000,
      until: RELOADS,
    });
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
      see: [matches(/^HTTP\/1\.1 404 /), contains('default backend - 404')],
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
