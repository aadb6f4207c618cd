import { contains, holds, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;

export default scenario({
  title: 'Simple fan-out: two paths of one host',
  chapter: 'ingress',
  source: '"Kubernetes Networking": Simple Fanout with Ingress',
  about: `One host, two paths, two services, each at a port of its own. The Ingress names the port of the service; nginx goes
to the port of the pod.`,
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
    await s.apply('foo.bar.com/foo and foo.bar.com/bar', './simple-fan-out-ingress.yaml');
    await s.step('All controllers serve both', {
      on: 'default/toolbox-worker1',
      run: `for pod in ${controllers.stdout.trim()}; do for path in foo bar; do curl -s -o /dev/null -w '%{http_code}\\n' -H 'Host: foo.bar.com' http://$pod/$path; done; done`,
      see: holds('200, and nothing else', ({ stdout }) => /^(200\n)+$/.test(stdout)),
      within: 15_000,
      until: RELOADS,
    });
    await s.step('kubectl knows service, port and pod of each path', {
      on: KUBECTL,
      run: 'describe ingress simple-fanout-example',
      see: [
        matches(/^ +foo\.bar\.com *$/),
        matches(/^ +\/foo +service1:4200 \(192\.168\.104\.\d+:80\)$/),
        matches(/^ +\/bar +service2:8080 \(192\.168\.8\.\d+:80\)$/),
      ],
    });
    const ask = (path: string) => `curl -s --resolve foo.bar.com:80:${address} http://foo.bar.com${path}`;
    await s.step('/foo is service1', {
      on: 'client',
      run: ask('/foo'),
      see: [
        contains('Pod: service1-pod'),
        matches(/^GET \/foo HTTP\/1\.1$/),
        matches(/^Host: foo\.bar\.com$/),
      ],
    });
    await s.step('/bar is service2', {
      on: 'client',
      run: ask('/bar/and/more'),
      see: [contains('Pod: service2-pod'), matches(/^GET \/bar\/and\/more HTTP\/1\.1$/)],
    });
    await s.step('Any other path of the host is nobody', {
      on: 'client',
      run: `${ask('/')} -i`,
      see: [matches(/^HTTP\/1\.1 404 /), contains('default backend - 404')],
    });
    await s.step('and without the host so is /foo', {
      on: 'client',
      run: `curl -si http://${address}/foo`,
      see: [matches(/^HTTP\/1\.1 404 /), contains('default backend - 404')],
    });
  },
});
